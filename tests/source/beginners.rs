//! Mistakes of a first day: each is told where it is, with what to write instead.

use crate::support::cli::Home;

const HEAD: &str = "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: web}\nspec:\n  type: Host\n  connections:\n";
const CHECK: &str = "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: c}\nspec: ";

/// What follows the head, where the mistake is, what is said, and what to do.
type Row = (&'static str, String, &'static str, &'static str, &'static str);

fn rows() -> Vec<Row> {
    let row = |name, text: &str, place, message, help| (name, format!("{HEAD}{text}"), place, message, help);
    vec![
        row(
            "a field too far left",
            "  - name: os\n   ssh:\n      host: web.example.net\n",
            ":8:4: ",
            "not YAML",
            "check the indentation: this line stands in the column of no line above it, or misses its `:`",
        ),
        row(
            "a field of an item in the column of the list",
            "    - name: os\n    ssh:\n      host: web.example.net\n",
            ":8:5: ",
            "not YAML",
            "check the indentation: in the column of a list every line begins with `- `; what belongs to an item stands further right",
        ),
        row("a tab", "  - name: os\n\tssh: {host: a}\n", ":7:", "not YAML", "indent with spaces, not tabs"),
        row(
            "a field of SSH's own",
            "  - {name: os, ssh: {hostname: a}}\n",
            ":7:22: ",
            "unknown field `hostname`",
            "did you mean `host`?",
        ),
        row(
            "the kind for the role",
            "  - {name: ssh, ssh: {host: a}}\n",
            ":7:12: ",
            "the profile has no connection role `ssh`",
            "the name of a connection says what it is for: adguard, adguard-dns, cli, os, portainer, zabbix",
        ),
        row(
            "the wrong kind for the role",
            "  - {name: zabbix, ssh: {host: a}}\n",
            ":7:25: ",
            "role `zabbix` cannot be a connection of kind ssh",
            "use http or fixture",
        ),
        row(
            "Portainer without TLS",
            "  - {name: portainer, http: {baseURL: \"http://p.example.net:9000\"}}\n",
            ":7:39: ",
            "this role is only read over TLS: baseURL must begin with https://",
            "write https:// and the port that speaks TLS; a CA of your own goes to `tls.caFrom`",
        ),
        row(
            "no scheme",
            "  - {name: zabbix, http: {baseURL: zbx.example.net}}\n",
            ":7:36: ",
            "baseURL has no scheme",
            "write scheme, host, port and path, such as https://zabbix.example.net/zabbix",
        ),
        row(
            "the address of the API for that of the service",
            "  - {name: zabbix, http: {baseURL: \"https://zbx.example.net/zabbix/api_jsonrpc.php\"}}\n",
            ":7:36: ",
            "baseURL ends with `/api_jsonrpc.php`, which every request adds itself",
            "write `https://zbx.example.net/zabbix`",
        ),
        row(
            "a token in the manifest",
            "  - {name: zabbix, http: {baseURL: \"https://z\", auth: {token: abcdefgh}}}\n",
            ":7:",
            "unknown field `token`",
            "did you mean `tokenFrom`?",
        ),
        row(
            "a token that is not named",
            &format!(
                "  - {{name: zabbix, http: {{baseURL: \"https://z\"}}}}\n{CHECK}{{intent: collect_zabbix_problem_summary_readonly, targetRef: {{name: web}}}}\n"
            ),
            ":12:",
            "needs a token there",
            "add `auth: {tokenFrom: {secretKeyRef: {name: …, key: …}}}` to the `http` of that connection",
        ),
        row(
            "a connection that is not there",
            &format!("  - {{name: os, local: {{}}}}\n{CHECK}{{intent: check_adguard_health, targetRef: {{name: web}}}}\n"),
            ":12:",
            "declares no connection `adguard`",
            "add the connection to the Target under this very name, or take the Target off this Check",
        ),
        row(
            "a typing error in the intent",
            &format!("  - {{name: os, local: {{}}}}\n{CHECK}{{intent: check_ntp_helth, targetRef: {{name: web}}}}\n"),
            ":12:",
            "the profile has no intent `check_ntp_helth`",
            "did you mean `check_ntp_health`?",
        ),
        row(
            "a typing error in the target",
            &format!("  - {{name: os, local: {{}}}}\n{CHECK}{{intent: check_ntp_health, targetRef: {{name: webb}}}}\n"),
            ":12:",
            "there is no Target `webb`",
            "did you mean `web`?",
        ),
    ]
}

#[test]
fn each_is_told_with_its_place_and_what_to_write_instead() {
    let mut wrong = Vec::new();
    for (name, text, place, message, help) in rows() {
        let home = Home::new();
        home.write("m.yaml", &text);
        let ended = home.tecrax("validate manifests");
        let mut lines = ended.err.lines();
        let told = lines.find(|line| line.starts_with("error: ")).unwrap_or_default();
        let placed = told.contains(&format!("m.yaml{place}")) && told.contains(message);
        let helped = lines.next().unwrap_or_default().trim() == format!("help: {help}");
        if ended.code != 65 || !placed || !helped {
            wrong.push(format!("{name}: wanted {place} {message} and {help}, got {ended:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is right beside it loads: the same paths are fine where no request ends with them.
#[test]
fn addresses_that_only_look_like_mistakes_are_taken() {
    for url in [
        "https://z.example.net",
        "https://z.example.net/zabbix/",
        "https://z.example.net/api_jsonrpc.php/zabbix",
        "https://api_jsonrpc.php",
    ] {
        let home = Home::new();
        home.write(
            "m.yaml",
            &format!(
                "{HEAD}  - {{name: zabbix, http: {{baseURL: \"{url}\"}}}}\n{CHECK}{{intent: check_zabbix_container_health, targetRef: {{name: web}}}}\n"
            ),
        );
        let ended = home.tecrax("validate manifests");
        assert_eq!(ended.code, 0, "{url}: {}", ended.err);
    }
}
