//! A login bound to the gate, on Debian's OpenSSH server: every Check passes as without it, and nothing else gets in.

use crate::support::sshd;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

use crate::support::cli::Home;
use crate::support::log;
use crate::support::ssh_client::{Client, Said};
use crate::support::sshd::Sshd;
use serde_json::Value;

/// Every intent that asks a host over SSH.
const INTENTS: [&str; 6] = [
    "collect_basic_host_inventory",
    "collect_host_security_posture_readonly",
    "check_ntp_health",
    "check_ntp_server_health",
    "check_docker_services_health",
    "diagnose_monitoring_host",
];

fn name(intent: &str) -> String {
    intent.replace('_', "-")
}

/// A home with one host behind `server`, and these Checks of it.
fn home(server: &Sshd, intents: &[&str]) -> Home {
    let home = Home::new();
    home.write(
        "target.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: web}}\nspec:\n  type: Host\n  connections:\n  - name: os\n    \
             ssh: {{host: 127.0.0.1, port: {}, user: {}, connectTimeout: 20s, identity: {{file: {}}}, hostKeys: {{inline: [\"{}\"]}}}}\n",
            server.port,
            server.user,
            server.user_key().display(),
            server.known_line("ed25519")
        ),
    );
    let check = |intent: &&str| {
        format!(
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {}}}\nspec: {{intent: {intent}, timeout: 60s, \
             targetRef: {{name: web}}}}\n",
            name(intent)
        )
    };
    home.write("checks.yaml", &intents.iter().map(check).collect::<String>());
    home
}

/// Puts the printed line and script where the server finds them.
fn install(home: &Home, server: &Sshd) -> String {
    let path = server.path("gate");
    let print = |what: &str| {
        let ended = home.tecrax(&format!("ssh forced-command web manifests --path {} {what}", path.display()));
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.out
    };
    let script = print("--script");
    fs::write(&path, &script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let line = print("--line");
    assert_eq!(line, format!("restrict,command=\"{}\" {}\n", path.display(), sshd::public_key(&server.user_key())));
    fs::write(server.path("authorized_keys"), line).unwrap();
    script
}

/// What a run came to, without what differs from one moment to the next.
fn essence(home: &Home, intent: &str) -> Value {
    let runs = log::runs(&home.state(), &format!("default/{}.web", name(intent)));
    let run = runs.iter().rfind(|run| run["depth"] == 0).expect("a run");
    let reasons: Vec<&Value> = run["findings"].as_array().into_iter().flatten().map(|finding| &finding["reasonCode"]).collect();
    serde_json::json!({"assessment": run["assessment"], "coverage": run["facts"]["coverage"], "status": run["status"], "reasons": reasons})
}

fn pass(home: &Home) {
    let ended = home.tecrax("reconcile --once --force manifests");
    assert!(ended.code <= 2, "{ended:?}");
}

#[test]
fn every_check_sees_through_the_gate_what_it_sees_without() {
    let server = Sshd::start();
    let home = home(&server, &INTENTS);
    pass(&home);
    let before: Vec<Value> = INTENTS.iter().map(|intent| essence(&home, intent)).collect();
    let script = install(&home, &server);
    pass(&home);
    let after: Vec<Value> = INTENTS.iter().map(|intent| essence(&home, intent)).collect();
    assert_eq!(before, after);
    assert_eq!(before[0]["coverage"]["state"], "complete", "{before:#?}");
    let log = server.log();
    assert!(log.contains("forced-command (key-option)"), "{log}");
    log::verify(&home.state());

    // The list is that of `shapes`, and each command of it was asked for.
    let shapes = home.tecrax("shapes manifests --target web -o json");
    let shapes: Vec<Value> = serde_json::from_str(&shapes.out).unwrap();
    let commands: Vec<&str> = shapes.iter().filter_map(|shape| shape["sends"]["command"].as_str()).collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in &commands {
        assert!(script.contains(&format!(" && exec {command}\n")), "{command}");
    }
    let distinct: std::collections::BTreeSet<&&str> = commands.iter().collect();
    assert_eq!(script.matches("\nis '").count(), distinct.len());
}

#[test]
fn a_check_that_came_later_needs_a_new_script_and_says_so() {
    let server = Sshd::start();
    let home = home(&server, &INTENTS[..1]);
    install(&home, &server);
    let checks = fs::read_to_string(home.path("manifests/checks.yaml")).unwrap();
    home.write("checks.yaml", &checks.replace(INTENTS[0], INTENTS[2]).replace(&name(INTENTS[0]), &name(INTENTS[2])));
    let ended = home.tecrax("reconcile --once manifests");
    assert_eq!(ended.code, 2, "{ended:?}");
    let said = "exit status 126: tecrax gate of default/web: this command is not on the list; `tecrax ssh forced-command` writes a new one";
    assert!(home.tecrax(&format!("describe {}.web", name(INTENTS[2]))).out.contains(said));
    // The list of the role holds it from the start.
    let every = home.tecrax("ssh forced-command web manifests --script --every-intent").out;
    let one = home.tecrax("ssh forced-command web manifests --script").out;
    assert!(every.matches("\nis '").count() > one.matches("\nis '").count());
}

/// One command through the usual client, exactly as written.
fn ssh(server: &Sshd, options: &[&str], command: Option<&str>) -> Output {
    let port = server.port.to_string();
    let known = server.path("known");
    fs::write(&known, server.known_line("ed25519")).unwrap();
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", "-p", &port, "-i"]);
    ssh.arg(server.user_key()).arg("-o").arg(format!("UserKnownHostsFile={}", known.display())).args(options);
    ssh.arg(format!("{}@127.0.0.1", server.user)).args(command).stdin(Stdio::null()).output().unwrap()
}

const REFUSED: &str = "tecrax gate of default/web: this command is not on the list";

fn refused(said: &Said) -> bool {
    said.status == Some(126) && said.stdout.is_empty() && said.stderr.starts_with(REFUSED.as_bytes())
}

fn assert_refused(what: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(126), &b""[..]), "{what}: {output:?}");
    assert!(said.starts_with(REFUSED) && said.lines().count() == 1, "{what}: {said}");
}

#[tokio::test]
async fn whatever_is_not_listed_is_refused() {
    let server = Sshd::builder().line("Subsystem sftp internal-sftp").start();
    let home = home(&server, &INTENTS[..2]);
    install(&home, &server);
    let through = ssh(&server, &[], Some("uname -srm"));
    assert!(through.status.success() && through.stdout.starts_with(b"Linux "), "{through:?}");
    let marker = server.path("marker");
    let touch = format!("touch {}", marker.display());
    let mut tricks: Vec<String> = ["; ", "\n", " && ", " || ", " | ", " & ", "\r\n", " ;", " #\n", "\\\n"]
        .iter()
        .map(|between| format!("uname -srm{between}{touch}"))
        .collect();
    for trick in ["$(T)", "`T`", "uname -srm $(T)", "uname `T`", "\"uname\" -srm", "'uname' -srm", "u'name' -srm", "\\uname -srm"]
    {
        tricks.push(trick.replace('T', &touch));
    }
    for trick in [
        "uname -srm ",
        " uname -srm",
        "uname  -srm",
        "uname\t-srm",
        "uname -srm\n",
        "uname '-srm'",
        "uname -s -r -m",
        "uname -mrs",
        "UNAME -srm",
        "/bin/uname -srm",
        "/usr/bin/uname -srm",
        "command uname -srm",
        "exec uname -srm",
        "env uname -srm",
        "A=1 uname -srm",
        "PATH=/tmp uname -srm",
        "uname",
        "uname -a",
        "cat /etc/shadow",
        "cat /etc/os-release /etc/shadow",
        "id",
        "sh",
        "sh -c 'uname -srm'",
        "find /run -maxdepth 1 -name reboot-required -printf %f\\n",
        "find /run -maxdepth 1 -name reboot-required -delete",
        "*",
        "[a-z]*",
        "?*",
        "$0",
        "exit 0",
        "true",
        ":",
        "!",
        "=",
        "-x",
        "(",
        "scp -t /tmp",
        "scp -f /etc/shadow",
        "sftp-server",
        "/usr/lib/openssh/sftp-server",
        "internal-sftp",
        "rsync --server --sender . /etc",
        "git-upload-pack /",
        "naïve",
        "\u{1b}]0;x\u{7}",
    ] {
        tricks.push(trick.to_owned());
    }
    let client = Client::connect(&server).await;
    for trick in &tricks {
        let said = client.exec(trick.as_bytes()).await;
        assert!(refused(&said), "{trick}: {said:?}");
    }
    for trick in ["id", "uname -srm; id", "$(id)"] {
        assert_refused(trick, &ssh(&server, &[], Some(trick)));
    }
    assert!(!marker.exists());
    // A shell, with and without a terminal; a variable that the server may take over; the subsystem behind sftp and scp.
    assert_refused("a shell", &ssh(&server, &["-T"], None));
    assert_refused("a variable", &ssh(&server, &["-o", "SetEnv=LC_ALL=C LC_X=1"], Some("id")));
    // Of a subsystem a server passes no standard error on.
    let sftp = ssh(&server, &["-s"], Some("sftp"));
    assert_eq!((sftp.status.code(), sftp.stdout.as_slice()), (Some(126), &b""[..]), "{sftp:?}");
    let terminal = ssh(&server, &["-tt"], None);
    assert_ne!(terminal.status.code(), Some(0), "{terminal:?}");
    assert!(String::from_utf8_lossy(&terminal.stderr).contains("PTY allocation request failed"), "{terminal:?}");
    let copied = server.path("copied");
    for old in [&[][..], &["-O"]] {
        let mut scp = Command::new("scp");
        scp.args(["-F", "none", "-q", "-o", "BatchMode=yes", "-P", &server.port.to_string(), "-i"]).arg(server.user_key());
        scp.arg("-o").arg(format!("UserKnownHostsFile={}", server.path("known").display())).args(old);
        let scp = scp.arg(format!("{}@127.0.0.1:/etc/os-release", server.user)).arg(&copied).output().unwrap();
        assert!(!scp.status.success() && !copied.exists(), "{scp:?}");
    }
}

#[tokio::test]
async fn what_the_usual_client_does_not_send_is_refused_as_well() {
    let server = Sshd::builder().line("X11Forwarding yes").line("Subsystem sftp internal-sftp").start();
    let home = home(&server, &INTENTS[..1]);
    // What the server gives to this key without the gate, and no longer with it.
    for bound in [false, true] {
        if bound {
            install(&home, &server);
        }
        let client = Client::connect(&server).await;
        assert_eq!(client.terminal().await, !bound, "a terminal");
        assert_eq!(client.agent().await, !bound, "the agent");
        assert_eq!(client.dial(server.port).await, !bound, "a connection from the host");
        assert_eq!(client.listen().await, !bound, "a port on the host");
        assert_eq!(client.listen_at(&server.path("socket")).await, !bound, "a socket on the host");
        let shell = client.shell().await;
        assert_eq!(shell.status, Some(if bound { 126 } else { 0 }), "{shell:?}");
        let subsystem = client.subsystem("sftp").await;
        assert_eq!(subsystem.stdout.starts_with(b"\0\0"), !bound, "{subsystem:?}");
        let uname = client.exec(b"uname -srm").await;
        assert!(uname.status == Some(0) && uname.stdout.starts_with(b"Linux "), "{uname:?}");
    }
    for command in [&b""[..], b"\xff\xfe", b"uname -srm\xff", b"\x81uname -srm", b"uname -srm\n\n", b"uname -srm\r"] {
        let client = Client::connect(&server).await;
        let said = client.exec(command).await;
        assert!(refused(&said), "{:?}: {said:?}", String::from_utf8_lossy(command));
    }
    // Longer than an argument may be, and a zero byte, which no variable can hold: the server itself gives up.
    // (One zero byte at the end belongs to no command: the server drops it.)
    for command in [vec![b'x'; 140_000], b"uname -srm\0; id".to_vec(), b"\0uname -srm".to_vec()] {
        let client = Client::connect(&server).await;
        let said = client.exec(&command).await;
        assert!(said.status != Some(0) && said.stdout.is_empty(), "{said:?}");
    }
    let longest = vec![b'x'; 100_000];
    let client = Client::connect(&server).await;
    assert!(refused(&client.exec(&longest).await));
}
