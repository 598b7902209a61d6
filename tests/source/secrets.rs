//! A manifest that holds a secret is refused with the place of it, and the secret is never repeated.

use std::fs;

use crate::support::cases::cases;
use proptest::prelude::*;
use tecrax::api::{Problem, reason};
use tecrax::cli::diagnostics::{Style, render};
use tecrax::source::{Snapshot, load};
use tempfile::TempDir;

/// Stands in every bad case, in one of the forms below.
const VALUE: &str = "hunter2canary";
const HEAD: &str = "apiVersion: tecrax.io/v1alpha1\nkind: Target\n";
const BODY: &str = "spec: {type: Host, connections: [{name: os, local: {}}]}\n";
const NAMED: &str = "metadata: {name: web}\n";

fn read(text: &str) -> Snapshot {
    read_as("x.yaml", text)
}

fn read_as(name: &str, text: &str) -> Snapshot {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    load(&[path], None)
}

/// Everything that is said of a problem, on a terminal too.
fn said(problem: &Problem) -> String {
    let style = |snippet| render(problem, Style { snippet, color: snippet });
    format!("{}\n{}\n{problem:?}", style(false), style(true))
}

fn secrets(snapshot: &Snapshot) -> Vec<&Problem> {
    snapshot.problems.iter().filter(|problem| problem.reason == reason::INLINE_SECRET).collect()
}

/// A Target with these annotations.
fn annotated(annotations: &str) -> String {
    format!("{HEAD}metadata: {{name: web, annotations: {{{annotations}}}}}\n{BODY}")
}

/// A Target whose spec has this besides.
fn with(spec: &str) -> String {
    format!("{HEAD}{NAMED}spec:\n  type: Host\n  {spec}\n  connections: [{{name: os, local: {{}}}}]\n")
}

fn bad() -> Vec<(String, u32, u32)> {
    let pem = "-----BEGIN OPENSSH PRIVATE KEY-----";
    let mut cases = vec![
        // By name: a scalar of any type, a list, a mapping, an entry.
        (with("password: hunter2canary"), 6, 13),
        (with("clientSecret: hunter2canary"), 6, 17),
        (with("apiKey: [hunter2canary]"), 6, 12),
        (with("tokens: [{a: {b: [hunter2canary]}}]"), 6, 21),
        (with("credentials: {user: {a: hunter2canary}, b: ''}"), 6, 27),
        (with("db_pwd: hunter2canary"), 6, 11),
        (with("aws-access-key-id: hunter2canary"), 6, 22),
        (with("Authorization: hunter2canary"), 6, 18),
        (with("secret: |\n    hunter2canary"), 7, 5),
        (with("\"pass\\x77ord\": hunter2canary"), 6, 18),
        (with("parameters: [{name: api-token, value: hunter2canary}]"), 6, 41),
        (annotated("x.example.net/token: hunter2canary"), 3, 58),
        // A mapping with the fields of a reference is one only where the name above says so.
        (with("password: {key: hunter2canary}"), 6, 19),
        (with("auth: {token: {name: hunter2canary}}"), 6, 24),
        (with("token: {secretKeyRef: {name: x, key: y}, key: hunter2canary}"), 6, 49),
        (with("passwords: [{namespace: hunter2canary}]"), 6, 27),
        (format!("{HEAD}{NAMED}{BODY}status: {{password: {{name: hunter2canary}}}}\n"), 5, 27),
        // By looks, wherever it stands.
        (annotated("note: \"password=hunter2canary\""), 3, 43),
        (annotated("note: \"see the wiki (password: hunter2canary)\""), 3, 43),
        (annotated("note: \"\\x70assword=hunter2canary\""), 3, 43),
        (annotated("note: 'Authorization: Bearer hunter2canary'"), 3, 43),
        (annotated("wiki: 'https://anna:hunter2canary@wiki.example.net/'"), 3, 43),
        (annotated("note: ghp_hunter2canary0123456789"), 3, 43),
        (annotated("ghp_hunter2canary0123456789: x"), 3, 37),
        (annotated(&format!("note: \"{pem}\\nhunter2canary\"")), 3, 43),
        (with(&format!("note: |\n    {pem}\n    hunter2canary\n    -----END OPENSSH PRIVATE KEY-----")), 7, 5),
        (with("list: [a, [b, 'token=hunter2canary']]"), 6, 17),
    ];
    // In fields that the kinds have.
    let check = "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: c}\nspec:\n  intent: check_ntp_health\n  targetRef: {name: web}\n";
    cases.push((format!("{check}  escalation: {{runbookURL: 'https://a:hunter2canary@wiki.example.net/x'}}\n"), 7, 28));
    cases.push((format!("{check}  expect: [{{name: a, key: b, operator: In, values: [glpat-hunter2canary]}}]\n"), 7, 53));
    cases
}

#[test]
fn a_secret_is_refused_where_it_stands_and_not_repeated() {
    for (text, line, column) in bad() {
        let snapshot = read(&text);
        let found = secrets(&snapshot);
        assert_eq!(snapshot.documents.len(), 0, "{text}");
        let places: Vec<(u32, u32)> =
            found.iter().map(|problem| problem.place.as_ref().map_or((0, 0), |at| (at.line, at.column))).collect();
        assert_eq!(places, [(line, column)], "{text}");
        for problem in &snapshot.problems {
            assert!(!said(problem).contains(VALUE), "{text}\n{}", said(problem));
            assert_eq!(problem.line, None, "{text}");
        }
        assert!(found[0].help.as_ref().unwrap().contains("secretKeyRef"), "{text}");
    }
}

/// One character is enough where a person wrote an assignment or a URL with a password.
#[test]
fn short_values_count_where_they_are_meant() {
    for note in ["password=x", "token = x", "https://a:b@host/", "secret=\\\"x\\\""] {
        assert_eq!(secrets(&read(&annotated(&format!("note: \"{note}\"")))).len(), 1, "{note}");
    }
}

#[test]
fn references_and_names_pass() {
    let target = |connections: &str| format!("{HEAD}{NAMED}spec:\n  type: Host\n  connections:\n{connections}");
    let os = "  - {name: os, local: {}}\n";
    for text in [
        target(&format!(
            "{os}  - name: zabbix\n    http:\n      baseURL: https://zbx.example.net/token/\n      auth: {{tokenFrom: {{secretKeyRef: \
             {{name: token-service, key: password}}}}}}\n      headers: [{{name: Authorization, valueFrom: {{secretKeyRef: {{name: \
             secret, key: token}}}}}}]\n      tls: {{caFrom: {{file: ca.pem}}, clientCertFrom: {{secretKeyRef: {{name: zbx, key: \
             client-secret}}}}}}\n"
        )),
        target(
            "  - name: os\n    ssh: {host: token-service.example.net, user: secretary, identity: {secretKeyRef: {name: fleet, key: id}}}\n",
        ),
        target("  - name: os\n    ssh: {hostFrom: {file: secrets/host}, identity: {file: password}}\n"),
        target(
            "  - name: os\n    ssh:\n      host: a.example.net\n      hostKeys:\n        inline:\n        - \"a.example.net ssh-ed25519 \
             AAAAC3NzaC1lZDI1NTE5AAAAIJ3LnCcJBjNoKbbOjqJYmIVFdL9Xr/4dWcPNgC3q5aJg token-service\"\n        - \"a sk-ssh-ed25519@openssh.com \
             AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIA==\"\n        - \"a sk-ecdsa-sha2-nistp256@openssh.com AAAA\"\n",
        ),
        format!(
            "{HEAD}metadata: {{name: token-service, namespace: secrets, labels: {{app: token-service, tier: password}}}}\n{BODY}"
        ),
        format!(
            "{HEAD}metadata: {{name: web, labels: {{secrets.example.net/owner: anna, token: \"true\", password: \"\"}}}}\n{BODY}"
        ),
        annotated(
            "note: 'Takes a token from the vault; the password is in no file. See https://wiki.example.net/x?topic=tokens'",
        ),
        annotated("note: 'password: yes, token: none, secret=false'"),
        annotated("secret_ref: fleet, tokenFrom: vault, passwordRef: x, secrets_source: env"),
        annotated(
            "kubectl.kubernetes.io/last-applied-configuration: '{\"spec\":{\"auth\":{\"tokenFrom\":{\"secretKeyRef\":{\"name\":\"secret\",\
             \"key\":\"token\"}}}}}'",
        ),
        annotated("cert: \"-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\""),
        annotated("wiki: 'https://anna@wiki.example.net/'"),
    ] {
        let snapshot = read(&text);
        assert_eq!(secrets(&snapshot), Vec::<&Problem>::new(), "{text}");
        assert_eq!(snapshot.documents.len(), 1, "{text}\n{:#?}", snapshot.problems);
    }
}

/// Below the name of a secret too, by the name alone and whatever stands in the mapping.
#[test]
fn what_is_named_a_reference_passes_below_the_name_of_a_secret() {
    for leads in
        ["secretKeyRef: {name: fleet, key: id}", "loginFrom: {file: x}", "login_ref: {name: vault}", "login_from: {key: id}"]
    {
        let snapshot = read(&with(&format!("credentials: {{{leads}}}")));
        assert_eq!(secrets(&snapshot), Vec::<&Problem>::new(), "{leads}");
    }
    for value in ["login: {name: fleet, key: id}", "login: {file: x}"] {
        assert!(!secrets(&read(&with(&format!("credentials: {{{value}}}")))).is_empty(), "{value}");
    }
}

/// Other documents go on, whatever stands beside a secret, and a document of somebody else is none of our business.
#[test]
fn a_secret_costs_its_own_document_only() {
    let other = format!("{HEAD}metadata: {{name: other}}\n{BODY}");
    let foreign = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {password: hunter2canary}\n";
    let snapshot = read(&format!("{}---\n{other}---\n{foreign}", with("password: hunter2canary")));
    assert_eq!((snapshot.documents.len(), secrets(&snapshot).len(), snapshot.foreign), (1, 1, 1));
    let item = |text: &str| format!("- {}", text.trim_end().replace('\n', "\n  "));
    let list = format!("apiVersion: v1\nkind: List\nitems:\n{}\n{}\n", item(&with("password: hunter2canary")), item(&other));
    let snapshot = read(&list);
    assert_eq!((snapshot.documents.len(), secrets(&snapshot).len()), (1, 1), "{:#?}", snapshot.problems);
    assert_eq!(secrets(&snapshot)[0].place.as_ref().unwrap().line, 9);
    let json = r#"{"apiVersion":"tecrax.io/v1alpha1","kind":"Target","metadata":{"name":"web"},"spec":{"type":"Host","password":"hunter2canary","connections":[]}}"#;
    let snapshot = read_as("x.json", json);
    assert_eq!((snapshot.documents.len(), secrets(&snapshot).len()), (0, 1), "{:#?}", snapshot.problems);
}

#[test]
fn many_secrets_are_counted() {
    let list: Vec<String> = (0..100).map(|n| format!("hunter2canary{n}")).collect();
    let snapshot = read(&with(&format!("tokens: [{}]", list.join(", "))));
    let found = secrets(&snapshot);
    assert_eq!(found.len(), 65);
    assert_eq!(found[64].message, "36 more secrets in this document");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(200), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the name around the word, the style of the value and the depth: no document with a secret passes, none is quoted.
    #[test]
    fn no_spelling_hides_a_secret(
        before in "[a-zA-Z_]{0,6}", word in prop::sample::select(vec!["password", "PASSWD", "Secret", "token", "api_key", "apiKey", "privateKey", "credential"]),
        after in "[a-z0-9]{0,4}", style in 0..8_usize, depth in 0..5_usize,
    ) {
        let name = format!("{before}{word}{after}");
        prop_assume!(!["ref", "from"].iter().any(|end| name.to_ascii_lowercase().ends_with(end)));
        let value = ["hunter2canary", "'hunter2canary'", "\"hunter2\\x63anary\"", "[hunter2canary]", "{a: hunter2canary}", "!!str hunter2canary", "{name: hunter2canary}", "{key: hunter2canary, optional: true}"][style];
        let text = with(&format!("x: {}{{{name}: {value}}}{}", "{y: ".repeat(depth), "}".repeat(depth)));
        let snapshot = read(&text);
        prop_assert_eq!(snapshot.documents.len(), 0);
        prop_assert_eq!(secrets(&snapshot).len(), 1, "{}", text);
        prop_assert!(snapshot.problems.iter().all(|problem| !said(problem).contains(VALUE)));
    }
}
