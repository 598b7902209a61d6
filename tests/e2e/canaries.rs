//! Canaries in everything that tecrax reads, and a search through everything that it writes: files, records, screens, logs.

use crate::support::sshd;

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::canary::{Canary, Written};
use crate::support::cli::{Home, ended};
use crate::support::log;
use crate::support::sshd::Sshd;
use crate::support::watching;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Stands in an output in plain sight, and must be found: else the search finds nothing.
const CONTROL: &str = "control-canary-visible";
/// Given in the secrets file.
const IN_FILE: &str = "Canary-File-7f3aQx";
/// Given in the secrets directory; nothing refers to it.
const IN_DIRECTORY: &str = "Canary-Directory-91KdTz";
/// Given as a credential of the unit; nothing refers to it.
const IN_CREDENTIALS: &str = "Canary-Credential-55MnPw";
/// Given as a variable: the host name of a Target.
const IN_VARIABLE: &str = "Canary-Variable-38VbRs.invalid";
/// Nobody gives these anywhere: they only look like secrets.
const PASSWORD: &str = "Canary-Password-62LhJc";
const TOKEN: &str = "ghp_CanaryGithubToken0123456789abcdef";
const KEY_LINE: &str = "MIIEowIBAAKCAQEACanaryPrivateKeyLine0123456789";
const IN_LABEL: &str = "Canary-Label-27WgFd";
const IN_URL: &str = "Canary-Url-84YtNk";
const IN_ANNOTATION: &str = "Canary-Annotation-19CxBv";
const IN_EXPECTATION: &str = "glpat-CanaryExpect-46ZqHm";
const IN_FIELD: &str = "xoxb-CanaryField-73RfGp";

fn looks_like() -> Vec<Canary> {
    vec![
        Canary::new("password in an output", PASSWORD),
        Canary::new("token in an output", TOKEN),
        Canary::new("private key in an output", KEY_LINE),
        Canary::new("label", IN_LABEL),
        Canary::new("runbook URL", IN_URL),
        Canary::new("annotation", IN_ANNOTATION),
        Canary::new("expectation", IN_EXPECTATION),
        Canary::new("misspelt field", IN_FIELD),
    ]
}

fn given() -> Vec<Canary> {
    vec![
        Canary::new("secrets file", IN_FILE),
        Canary::new("secrets directory", IN_DIRECTORY),
        Canary::new("credentials", IN_CREDENTIALS),
        Canary::new("variable", IN_VARIABLE),
    ]
}

fn swapped(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
    text.chars().map(swap).collect()
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02X}");
        hex
    })
}

/// What a talkative host says on every stream: each canary in another form, and what only looks like a secret.
fn chatter() -> String {
    format!("{} password={PASSWORD} {TOKEN} ", recorded())
}

/// The same as a recording in a manifest may hold it: what looks like a secret would be refused there.
fn recorded() -> String {
    format!(
        "{CONTROL} {IN_FILE} {} {} {} {IN_DIRECTORY} {IN_CREDENTIALS} {} ",
        STANDARD.encode(format!("user:{IN_FILE}\n")),
        hex(IN_FILE),
        swapped(IN_FILE),
        swapped(IN_VARIABLE)
    )
}

fn yaml(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn manifests(home: &Home, server: &Sshd, key: &Path) {
    let chatter = recorded();
    home.write(
        "checks.yaml",
        "apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: inventory}
spec:
  intent: collect_basic_host_inventory
  timeout: 60s
  targetSelector: {matchLabels: {site: lab}}
  expect:
  - {name: host, key: hostname, operator: In, values: [web-07]}
",
    );
    // Refused, each for itself: a good document beside it goes on, and nobody repeats what stood there.
    let head = "apiVersion: tecrax.io/v1alpha1\nkind: Check\n";
    let rest = "spec:\n  intent: collect_basic_host_inventory\n  targetSelector: {matchLabels: {site: lab}}\n";
    let telling = [
        format!("metadata: {{name: told-1, labels: {{token: {IN_LABEL}}}}}\n{rest}"),
        format!("metadata: {{name: told-2, labels: {{x: {TOKEN}}}}}\n{rest}"),
        format!("metadata: {{name: told-3, annotations: {{note: \"password={IN_ANNOTATION}\"}}}}\n{rest}"),
        format!("metadata: {{name: told-4}}\n{rest}  escalation: {{runbookURL: \"https://anna:{IN_URL}@wiki.example.net/x\"}}\n"),
        format!(
            "metadata: {{name: told-5}}\n{rest}  expect:\n  - {{name: host, key: hostname, operator: In, values: [\"{IN_EXPECTATION}\"]}}\n"
        ),
    ];
    home.write("telling.yaml", &telling.map(|text| format!("---\n{head}{text}")).concat());
    let target = |name: &str, connection: String| {
        format!(
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{site: lab}}}}\n\
             spec: {{type: Host, connections: [{{name: os, {connection}}}]}}\n"
        )
    };
    let way = |host: &str, identity: &str| {
        let known = server.known_line("ed25519");
        format!(
            "ssh: {{{host}, port: {}, user: {}, connectTimeout: 20s, identity: {identity}, hostKeys: {{inline: [\"{known}\"]}}}}",
            server.port, server.user
        )
    };
    let reading = |shape: &str, stdout: &str| format!("{{shape: {shape}, stdout: {}}}", yaml(stdout));
    let fixture = format!(
        "fixture: {{readings: [{}, {}, {}, {{shape: read_uptime, exitCode: 3, stderr: {}}}, {{shape: read_load_average, exitCode: 3, \
         stderr: {}}}]}}",
        reading("read_os_release", &format!("PRETTY_NAME=\"Debian {chatter}\"\nID=debian\nVERSION_ID=\"{IN_FILE}\"\n")),
        reading("read_kernel_identity", &format!("Linux 6.1 {chatter} {IN_VARIABLE}\n")),
        reading("read_hostname", &format!("{CONTROL}-{}\n", IN_FILE.to_ascii_lowercase())),
        yaml(&format!("uptime: {chatter}\n")),
        // A line that is cut when it is quoted, in the middle of a value.
        yaml(&format!("{}{IN_FILE}\n", "x".repeat(190))),
    );
    let text = [
        target("recorded", fixture),
        target("talks", way("host: 127.0.0.1", &format!("{{file: {}}}", key.display()))),
        target("refused", way("host: 127.0.0.1", "{secretKeyRef: {name: fleet, key: id}}")),
        target("nowhere", way("hostFrom: {secretKeyRef: {name: fleet, key: host}}", "{secretKeyRef: {name: fleet, key: id}}")),
    ];
    home.write("targets.yaml", &text.concat());
    home.write(
        "bad.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: bad}}\n\
             spec: {{type: Host, {IN_FIELD}: 1, password: \"{PASSWORD}\", connections: [{{name: os, ssh: {{host: [{PASSWORD}]}}}}]}}\n"
        ),
    );
}

fn private(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

/// Puts every canary where it belongs and runs every command; what they wrote.
#[expect(clippy::too_many_lines, reason = "one scene from first to last")]
fn scene(with_sources: bool) -> (Home, Written, String) {
    let folder = tempfile::TempDir::new().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let script = folder.path().join("script");
    // A host that says what it should not with every answer, and once on the error stream.
    let text = format!(
        "#!/bin/sh\ncase \"$SSH_ORIGINAL_COMMAND\" in *uptime*) echo '{0}' >&2; exit 9;; *hostname*) echo '{CONTROL}';; *) echo '{0}'; echo '{1}';; esac\n",
        chatter(),
        format_args!("-----BEGIN RSA PRIVATE KEY-----\n{KEY_LINE}\n-----END RSA PRIVATE KEY-----")
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let server = Sshd::builder().line(format!("ForceCommand {}", script.display())).start();
    let home = Home::new();
    let key = fs::read_to_string(server.user_key()).unwrap();
    let stranger = server.path("stranger");
    sshd::keygen("ed25519", &stranger);
    let stranger = fs::read_to_string(stranger).unwrap();
    let key_file = home.path("keys/id");
    private(&key_file, &key);
    manifests(&home, &server, &key_file);
    private(&home.path("secrets.yaml"), &format!("secrets: {{fleet: {{password: {IN_FILE}}}}}\n"));
    private(&home.path("dir/other/key"), IN_DIRECTORY);
    private(&home.path("credentials/other.key"), IN_CREDENTIALS);

    let path = |name: &str| home.path(name).display().to_string();
    let mut sources = vec![
        ("TECRAX_SECRETS_FILE", path("secrets.yaml")),
        ("TECRAX_SECRETS_DIR", path("dir")),
        ("CREDENTIALS_DIRECTORY", path("credentials")),
        ("TECRAX_SECRET_FLEET_HOST", IN_VARIABLE.to_owned()),
        ("TECRAX_SECRET_FLEET_ID", stranger.clone()),
    ];
    if !with_sources {
        sources.clear();
    }
    let mut written = Written::default();
    let mut run = |line: &str| {
        let mut command = home.command();
        command.env("TECRAX_STATE_DIR", home.state()).args(line.split(' '));
        command.envs(sources.clone());
        let ended = ended(&mut command);
        assert!(!ended.err.contains("panicked"), "{ended:?}");
        written.add(format!("stdout of {line}"), ended.out.clone());
        written.add(format!("stderr of {line}"), ended.err.clone());
        ended
    };
    let first = run("--log trace reconcile --once --allow-fixtures --metrics-file pass.prom manifests");
    assert_eq!(first.code, 65, "{first:?}");
    assert_eq!(first.err.matches("(InlineSecret)").count(), 7, "{first:?}");
    assert!(first.err.contains("TRACE") || first.err.contains("DEBUG") || first.err.contains("INFO"), "{first:?}");
    let mut lines = vec![
        "reconcile --once --force --allow-fixtures -o yaml manifests",
        "reconcile --once --force --allow-fixtures -o wide manifests",
        "reconcile --once --force --allow-fixtures -o json manifests",
        "shapes manifests -o json",
        "ssh forced-command nowhere manifests",
        "targets list manifests -o json",
        "--log trace validate manifests",
        "validate -o json manifests",
        "plan -o yaml manifests",
        "plan -o wide manifests",
        "status",
        "status -o json",
    ];
    lines.extend(["get observations -o yaml", "get targets -o yaml", "get checks -o yaml", "get -o wide", "get targets -o json"]);
    for line in lines {
        run(line);
    }
    for name in
        ["inventory.recorded", "inventory.talks", "inventory.refused", "inventory.nowhere", "target/talks", "check/inventory"]
    {
        let described = run(&format!("describe {name}"));
        assert_eq!(described.code, 0, "{described:?}");
    }
    let mut evidence = vec![
        "list".to_owned(),
        "list -o yaml".to_owned(),
        "verify".to_owned(),
        "replay -o json".to_owned(),
        "report --from 2020-01-01".to_owned(),
        "export --with-detail audit".to_owned(),
    ];
    for pair in ["inventory.recorded", "inventory.talks", "inventory.refused", "inventory.nowhere"] {
        evidence.extend([
            format!("show {pair}"),
            format!("show {pair} -o yaml"),
            format!("show {pair} -o json"),
            format!("prove {pair}"),
        ]);
    }
    for line in evidence {
        let ended = run(&format!("evidence {line}"));
        assert_eq!(ended.code, 0, "{line}: {ended:?}");
    }
    let log = home.path("daemon.log");
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_tecrax"));
    daemon.env_clear().env("HOME", home.dir.path()).env("TECRAX_STATE_DIR", home.path("daemon")).current_dir(home.dir.path());
    let words = ["--log", "trace", "reconcile", "--allow-fixtures", "--listen=127.0.0.1:0", "manifests"];
    let mut daemon =
        daemon.envs(sources).args(words).stdin(Stdio::null()).stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
    let ran = || fs::read_to_string(&log).unwrap().matches("assessment=").count();
    // A refused key is not tried again; nobody at an address is.
    sshd::wait_until("the daemon has run every pair, and one of them again", || ran() >= 5);
    let address = fs::read_to_string(&log).unwrap().lines().find_map(watching::pages).expect("a daemon with pages");
    for page in ["/metrics", "/readyz", "/healthz", "/nowhere"] {
        written.add(format!("page {page} of the daemon"), watching::ask(address, "GET", page));
    }
    let pid = rustix::process::Pid::from_child(&daemon);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(daemon.wait().unwrap().success());
    written.add("stderr of the daemon", fs::read(&log).unwrap());
    written.add("the metrics file", fs::read(home.path("pass.prom")).unwrap());
    written.add_files(&home.path("audit"));
    written.add_state(&home.path("daemon"));
    written.add_state(&home.state());
    (home, written, stranger)
}

fn line_of(key: &str) -> &str {
    key.lines()
        .find(|line| line.len() > 40 && !line.starts_with("---") && !line.starts_with("b3BlbnNza"))
        .expect("a line of the key")
}

#[test]
fn no_canary_reaches_a_byte_that_is_written() {
    let (home, written, key) = scene(true);
    assert!(!written.find(&Canary::new("control", CONTROL)).is_empty(), "the search finds what is there");
    let metrics = written.find(&Canary::new("metrics", "tecrax_pairs_said{assessment=\"unknown\"} 2"));
    for place in ["page /metrics of the daemon", "the metrics file"] {
        assert!(metrics.iter().any(|found| found == &format!("metrics (raw) in {place}")), "{place}: {metrics:?}");
    }
    let found: Vec<String> = given()
        .into_iter()
        .chain(looks_like())
        .chain([Canary::new("private key in a variable", line_of(&key))])
        .flat_map(|canary| written.find(&canary))
        .collect();
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));

    // The readings were taken, their secrets removed and the rest kept; what failed says why without a name.
    let run = |name: &str| log::runs(&home.state(), &format!("default/inventory.{name}"))[0].clone();
    let (recorded, talks) = (run("recorded"), run("talks"));
    let name = recorded["facts"]["os"]["pretty_name"].as_str().expect("a name");
    assert!(name.starts_with(&format!("Debian {CONTROL} [REDACTED]")), "{recorded:#}");
    assert_eq!(talks["facts"]["hostname"], CONTROL, "{talks:#}");
    let failed = |run: &serde_json::Value, reason: &str| {
        let findings = run["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["reasonCode"] == reason).unwrap_or_else(|| panic!("{run:#}"))["message"]
            .to_string()
    };
    assert!(failed(&talks, "CommandFailed").contains(&format!("{CONTROL} [REDACTED]")), "{talks:#}");
    assert!(failed(&run("refused"), "AuthRefused").contains("with secret default/fleet key id"));
    assert!(failed(&run("nowhere"), "Unreachable").contains("the name [REDACTED] can not be resolved"), "{:#}", run("nowhere"));
    log::verify(&home.state());
}

/// The same without the sources: then nobody can know that these are secrets, and they must be seen. Else the other test proves
/// nothing.
#[test]
fn canaries_that_nobody_declares_are_seen() {
    let (_, written, _) = scene(false);
    let [file, directory, credentials, variable] = &given()[..] else { panic!() };
    for canary in [file, directory, credentials, variable] {
        let found = written.find(canary);
        assert!(found.iter().any(|place| place.contains("in table log")), "{}: {found:?}", canary.place);
        assert!(found.iter().any(|place| place.contains("in stdout of describe")), "{}: {found:?}", canary.place);
    }
    let forms: Vec<String> = written.find(file);
    for form in ["(raw)", "(hex)", "(Base64)"] {
        assert!(forms.iter().any(|place| place.contains(form)), "{form}: {forms:?}");
    }
    let patterns: Vec<String> = looks_like().into_iter().flat_map(|canary| written.find(&canary)).collect();
    assert!(patterns.is_empty(), "patterns need nobody to declare them: {patterns:?}");
}
