//! Secrets by reference, against Debian's OpenSSH server: a key and a host name from every source, and what happens without.

use crate::support;
use crate::support::sshd;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::cli::{Ended, Home, ended};
use crate::support::hosts::INVENTORY;
use crate::support::log;
use crate::support::sshd::{Sshd, keygen, ssh_keygen};

const PASS: [&str; 3] = ["reconcile", "--once", "manifests"];

/// Host and key of `server` from the secret `fleet`.
fn target(name: &str, server: &Sshd) -> String {
    target_with(name, server, "hostFrom: {secretKeyRef: {name: fleet, key: host}}", "{secretKeyRef: {name: fleet, key: id}}")
}

fn target_with(name: &str, server: &Sshd, host: &str, identity: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{site: lab}}}}\n\
         spec: {{type: Host, connections: [{{name: os, ssh: {{{host}, port: {}, user: {}, connectTimeout: 20s, \
         identity: {identity}, hostKeys: {{inline: [\"{}\"]}}}}}}]}}\n",
        server.port,
        server.user,
        server.known_line("ed25519")
    )
}

fn home(targets: &str) -> Home {
    let home = Home::new();
    let check = INVENTORY.replace("spec:\n", "spec:\n  timeout: 60s\n").replace("values: [\"90\"]", "values: [\"101\"]");
    home.write("check.yaml", &check);
    home.write("targets.yaml", targets);
    home
}

fn private(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn secrets_file(home: &Home, host: &str, key: &str) {
    let indented = key.replace('\n', "\n      ");
    private(&home.path("secrets.yaml"), &format!("secrets:\n  fleet:\n    host: \"{host}\"\n    id: |\n      {indented}\n"));
}

/// One pass with these variables set.
fn pass(home: &Home, variables: &[(&str, &str)]) -> Ended {
    run(home, &PASS, variables)
}

fn run(home: &Home, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    ended(home.command().env("TECRAX_STATE_DIR", home.state()).envs(variables.iter().copied()).args(arguments))
}

/// What a Target's last run says went wrong; everybody else is well.
fn unusable(home: &Home, ended: &Ended, name: &str) -> (String, String) {
    assert_eq!(ended.code, 2, "{ended:?}");
    let runs = log::runs(&home.state(), &format!("default/inventory.{name}"));
    let finding = runs.last().expect("a run")["findings"][0].clone();
    assert_eq!(finding["reasonCode"], "CredentialUnusable", "{finding:#}");
    log::verify(&home.state());
    (finding["message"].as_str().unwrap().to_owned(), finding["nextStep"].as_str().unwrap().to_owned())
}

#[test]
fn a_login_works_with_each_source_alone() {
    let server = Sshd::start();
    let key = fs::read_to_string(server.user_key()).unwrap();
    let home = home(&target("web", &server));
    secrets_file(&home, "127.0.0.1", &key);
    for (name, text) in [("host", "127.0.0.1\n"), ("id", key.as_str())] {
        private(&home.path("dir/fleet").join(name), text);
        private(&home.path("credentials").join(format!("fleet.{name}")), text);
    }
    let path = |name: &str| home.path(name).display().to_string();
    let sources: [&[(&str, &str)]; 4] = [
        &[("TECRAX_SECRETS_FILE", &path("secrets.yaml"))],
        &[("TECRAX_SECRETS_DIR", &path("dir"))],
        &[("CREDENTIALS_DIRECTORY", &path("credentials"))],
        &[("TECRAX_SECRET_FLEET_HOST", "127.0.0.1"), ("TECRAX_SECRET_FLEET_ID", &key)],
    ];
    for source in sources {
        let _ = fs::remove_dir_all(home.state());
        let ended = pass(&home, source);
        assert_eq!(ended.code, 0, "{source:?}: {ended:?}");
        let run = &log::runs(&home.state(), "default/inventory.web")[0];
        assert!(run["readings"].as_array().unwrap().iter().all(|reading| reading["outcome"] == "ok"), "{run:#}");
        // A host name by reference is hidden wherever it shows up, and what is not there can not be missed.
        assert!(!run.to_string().contains("127.0.0.1"), "{run:#}");
        log::verify(&home.state());
    }
    let both = [sources[0], sources[1]].concat();
    let (message, next) = unusable(&home, &run(&home, &["reconcile", "--once", "--force", "manifests"], &both), "web");
    assert!(
        message.contains("secret default/fleet key host is given more than once: in the secrets file and in the secrets"),
        "{message}"
    );
    assert!(next.contains("Keep one"), "{next}");
}

#[test]
fn a_key_works_on_the_way_and_a_rotated_one_at_the_next_pass() {
    let (server, hop) = (Sshd::start(), Sshd::start());
    let hop_target =
        target_with("hop", &hop, "host: 127.0.0.1", "{secretKeyRef: {name: hop, key: id}}").replace("site: lab", "site: hop");
    let home = home(&(target("web", &server).replace("port:", "viaRefs: [{name: hop}], port:") + &hop_target));
    let key = fs::read_to_string(server.user_key()).unwrap();
    let hop_key = fs::read_to_string(hop.user_key()).unwrap();
    let file = home.path("secrets.yaml").display().to_string();
    let variables = [("TECRAX_SECRETS_FILE", file.as_str()), ("TECRAX_SECRET_HOP_ID", hop_key.as_str())];
    secrets_file(&home, "127.0.0.1", &key);
    let first = pass(&home, &variables);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(hop.log().contains("Accepted publickey"));

    let next = server.path("next");
    keygen("ed25519", &next);
    fs::copy(next.with_extension("pub"), server.path("authorized_keys")).unwrap();
    let force = ["reconcile", "--once", "--force", "manifests"];
    let refused = run(&home, &force, &variables);
    assert!(refused.code == 2 && refused.out.contains("AuthRefused"), "{refused:?}");
    assert!(refused.out.contains("with secret default/fleet key id"), "the key goes by its reference: {refused:?}");
    secrets_file(&home, "127.0.0.1", &fs::read_to_string(&next).unwrap());
    let plan = run(&home, &["plan", "manifests"], &variables);
    assert!(plan.out.contains("Fresh") && !plan.out.contains("SpecChanged"), "a value is no part of a plan: {plan:?}");
    let rotated = run(&home, &force, &variables);
    assert_eq!(rotated.code, 0, "{rotated:?}");
}

#[test]
fn a_secret_that_is_not_there_costs_its_target_only() {
    let server = Sshd::start();
    let well = target_with("well", &server, "host: 127.0.0.1", &format!("{{file: {}}}", server.user_key().display()));
    let home = home(&(target("web", &server) + &well));
    let ended = pass(&home, &[("TECRAX_SECRET_FLEET_HOST", "127.0.0.1")]);
    let (message, next) = unusable(&home, &ended, "web");
    assert!(message.contains("secret default/fleet key id is not in the variable TECRAX_SECRET_FLEET_ID"), "{message}");
    assert!(next.contains("Set TECRAX_SECRET_FLEET_ID"), "{next}");
    assert!(ended.err.contains(&format!("hint: {next}")), "{ended:?}");
    assert_eq!(log::runs(&home.state(), "default/inventory.well")[0]["assessment"], "healthy");

    // Each of these names the reference and what to do, and none what was given.
    let encrypted = server.path("encrypted");
    ssh_keygen(&["-q", "-t", "ed25519", "-N", "hunter22", "-f", encrypted.to_str().unwrap()]);
    let encrypted = fs::read_to_string(&encrypted).unwrap();
    for (host, id, words, help) in [
        ("127.0.0.1", "hunter22-no-key", "secret default/fleet key id holds no private key", "whole text"),
        ("127.0.0.1", encrypted.as_str(), "secret default/fleet key id is an encrypted private key", "without a passphrase"),
        ("root@hunter22-host", "x", "secret default/fleet key host is no host name", "without a user"),
    ] {
        let variables = [("TECRAX_SECRET_FLEET_HOST", host), ("TECRAX_SECRET_FLEET_ID", id)];
        let ended = run(&home, &["reconcile", "--once", "--force", "manifests"], &variables);
        let (message, next) = unusable(&home, &ended, "web");
        assert!(message.contains(words) && next.contains(help), "{message}: {next}");
        assert!(!format!("{message}{next}{ended:?}").contains("hunter22"), "{message}: {next}");
    }
}

#[test]
fn a_bad_secrets_file_ends_with_78_before_anything_runs() {
    let home = home("");
    home.write("targets.yaml", &support::hosts::host("web", Some(50)));
    let file = home.path("secrets.yaml");
    private(&file, "secrets: {a: {b: hunter22}}\n");
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let path = file.display().to_string();
    let variables = [("TECRAX_SECRETS_FILE", path.as_str())];
    for arguments in [&PASS[..], &["reconcile", "manifests"], &["-q", "reconcile", "--once", "manifests"]] {
        let ended = run(&home, arguments, &variables);
        assert_eq!((ended.code, ended.out.as_str()), (78, ""), "{ended:?}");
        let words =
            format!("error: the secrets file {path} may be read by others than its owner\n  help: Run `chmod 600 {path}`.\n");
        assert_eq!(ended.err, words);
        assert!(!home.state().exists(), "nothing ran");
    }
    for bad in [("TECRAX_SECRETS_DIR", "/nowhere/at/all"), ("TECRAX_SECRETS_FILE", "/nowhere/at/all")] {
        let ended = pass(&home, &[bad]);
        assert!(ended.code == 78 && ended.err.contains("/nowhere/at/all") && ended.err.contains("help: "), "{ended:?}");
    }
    // What contacts nothing needs no secret.
    for arguments in [["validate", "manifests"], ["plan", "manifests"]] {
        assert_eq!(run(&home, &arguments, &variables).code, 0);
    }
}

/// A daemon that ends with its test.
struct Daemon(std::process::Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Puts a new file in place of another at once, as whoever rotates secrets does.
fn swap(path: &Path, text: &str) {
    let new = path.with_extension("new");
    private(&new, text);
    fs::rename(new, path).unwrap();
}

/// Two rounds of one daemon, and between them every source that can change holds another value.
#[test]
fn a_daemon_uses_a_rotated_secret_from_the_next_round_on() {
    let servers = [Sshd::start(), Sshd::start(), Sshd::start()];
    let names = ["file", "dir", "credential"];
    let targets = names.iter().zip(&servers).map(|(name, server)| {
        target_with(name, server, "host: 127.0.0.1", &format!("{{secretKeyRef: {{name: {name}, key: id}}}}"))
    });
    let home = home(&targets.collect::<String>());
    let give = |keys: &[String]| {
        let indented = keys[0].replace('\n', "\n      ");
        swap(&home.path("secrets.yaml"), &format!("secrets:\n  file:\n    id: |\n      {indented}\n"));
        fs::create_dir_all(home.path("dir/dir")).unwrap();
        swap(&home.path("dir/dir/id"), &keys[1]);
        fs::create_dir_all(home.path("credentials")).unwrap();
        let path = home.path("credentials/credential.id");
        private(&home.path("rotated"), &keys[2]);
        fs::rename(home.path("rotated"), path).unwrap();
    };
    give(&servers.each_ref().map(|server| fs::read_to_string(server.user_key()).unwrap()));
    let log = home.path("daemon.log");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tecrax"));
    command.env_clear().env("HOME", home.dir.path()).env("TECRAX_STATE_DIR", home.state()).current_dir(home.dir.path());
    command.env("TECRAX_SECRETS_FILE", home.path("secrets.yaml")).env("TECRAX_SECRETS_DIR", home.path("dir"));
    command.env("CREDENTIALS_DIRECTORY", home.path("credentials")).args(["--log=debug", "reconcile", "manifests"]);
    let mut daemon = Daemon(command.stdin(std::process::Stdio::null()).stderr(fs::File::create(&log).unwrap()).spawn().unwrap());
    let heard = |part: &str| fs::read_to_string(&log).unwrap().lines().filter(|line| line.contains(part)).count();
    sshd::wait_until("every target is seen", || {
        names.iter().all(|name| heard(&format!("inventory.{name} assessment=\"healthy\"")) >= 1)
    });
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.0.id())).unwrap();
    let core: Vec<&str> =
        limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"], "{limits}");

    let new = servers.each_ref().map(|server| {
        let next = server.path("next");
        keygen("ed25519", &next);
        fs::copy(next.with_extension("pub"), server.path("authorized_keys")).unwrap();
        fs::read_to_string(&next).unwrap()
    });
    give(&new);
    let check = fs::read_to_string(home.path("manifests/check.yaml")).unwrap();
    home.write("check.yaml", &check.replace("values: [\"101\"]", "values: [\"102\"]"));
    sshd::wait_until("every target is seen again", || {
        names.iter().all(|name| heard(&format!("inventory.{name} assessment=")) >= 2)
    });
    for name in names {
        let runs = log::runs(&home.state(), &format!("default/inventory.{name}"));
        assert!(runs.len() == 2 && runs.iter().all(|run| run["assessment"] == "healthy"), "{name}: {runs:#?}");
    }
    let pid = rustix::process::Pid::from_child(&daemon.0);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(daemon.0.wait().unwrap().success());
    // Neither the old nor the new keys stand anywhere.
    let said = fs::read_to_string(&log).unwrap();
    for key in new.iter().flat_map(|key| key.lines()).filter(|line| line.len() > 40 && !line.starts_with("b3BlbnNza")) {
        assert!(!said.contains(key));
    }
}
