//! The program against Debian's OpenSSH server: what it says, records and ends with.

use crate::support::sshd;

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::cli::{Ended, Home};
use crate::support::hosts::INVENTORY;
use crate::support::log;
use crate::support::sshd::{Sshd, keygen};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

const PASS: &str = "reconcile --once manifests";

/// How a Target reaches `server`, everything right.
fn way(server: &Sshd) -> String {
    way_with(server, &server.user_key(), &server.known_line("ed25519"))
}

fn way_with(server: &Sshd, identity: &Path, known: &str) -> String {
    format!(
        "host: 127.0.0.1, port: {}, user: {}, connectTimeout: 20s, identity: {{file: {}}}, hostKeys: {{inline: [\"{known}\"]}}",
        server.port,
        server.user,
        identity.display()
    )
}

fn target(name: &str, connection: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{site: lab}}}}\n\
         spec: {{type: Host, connections: [{{name: os, {connection}}}]}}\n"
    )
}

fn ssh(name: &str, way: &str) -> String {
    target(name, &format!("ssh: {{{way}}}"))
}

/// A home whose inventory Check gives every run this much time, with these Targets.
fn home(timeout: &str, targets: &str) -> Home {
    let home = Home::new();
    home.write(
        "check.yaml",
        &INVENTORY.replace("spec:\n", &format!("spec:\n  timeout: {timeout}\n")).replace("values: [\"90\"]", "values: [\"101\"]"),
    );
    home.write("targets.yaml", targets);
    home
}

/// A server on which every command is a script of ours, with the asked one in `$SSH_ORIGINAL_COMMAND`.
struct Forced {
    server: Sshd,
    folder: TempDir,
}

/// Starts such a server; `FOLDER` in the script is a folder of its own.
fn forced(script: &str) -> Forced {
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let path = folder.path().join("script");
    fs::write(&path, format!("#!/bin/sh\n{}\n", script.replace("FOLDER", folder.path().to_str().unwrap()))).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    Forced { server: Sshd::builder().line(format!("ForceCommand {}", path.display())).start(), folder }
}

/// The last run of a pair that was no rerun.
fn run(home: &Home, name: &str) -> Value {
    let runs = log::runs(&home.state(), &format!("default/inventory.{name}"));
    runs.into_iter().rfind(|run| run["depth"] == 0).expect("a run")
}

/// Holds the promise that a failure of any kind is an answer: `unknown`, its reason, what to do, exit code 2, sound records.
fn ends_unknown(home: &Home, ended: &Ended, name: &str, reason: &str) -> Value {
    assert_eq!(ended.code, 2, "{ended:?}");
    let row = ended.out.lines().find(|line| line.split_whitespace().nth(1) == Some(name)).expect("a row");
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!((cells[2], cells[4]), ("unknown", format!("{reason}:").as_str()), "{row}");
    let run = run(home, name);
    let finding = run["findings"].as_array().unwrap().iter().find(|finding| finding["reasonCode"] == reason).expect("a finding");
    let step = finding["nextStep"].as_str().expect("what to do next");
    let hints = ended.err.lines().filter(|line| line.starts_with("hint: ")).count();
    assert!(ended.err.contains(&format!("hint: {step}")) || hints == 3, "{}", ended.err);
    assert!(home.tecrax(&format!("describe inventory.{name}")).out.contains(&format!("next: {step}")));
    log::verify(&home.state());
    finding.clone()
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn facts_over_ssh_agree_with_the_machine_and_with_a_local_look() {
    let server = Sshd::start();
    let home = home("60s", &target("here", "local: {}"));
    let local_pass = home.tecrax(PASS);
    assert_eq!(local_pass.code, 0, "{local_pass:?}");
    let local = run(&home, "here")["facts"].clone();
    // One edit, and the same Target is behind a server.
    home.write("targets.yaml", &ssh("here", &way(&server)));
    assert!(home.tecrax("plan manifests").out.contains("SpecChanged"));
    let remote_pass = home.tecrax(PASS);
    assert_eq!(remote_pass.code, 0, "{remote_pass:?}");
    assert!(server.log().contains("Accepted publickey"));
    let remote = run(&home, "here")["facts"].clone();
    for fact in ["contract", "assessment", "coverage", "hostname", "kernel", "os", "scope", "target", "non_claims"] {
        assert_eq!(local[fact], remote[fact], "{fact}");
    }
    for path in
        ["/memory_mib/total", "/root_filesystem/blocks_1024", "/root_filesystem/filesystem", "/root_filesystem/mounted_on"]
    {
        assert_eq!(local.pointer(path), remote.pointer(path), "{path}");
    }

    // And with what this test reads itself.
    let release = fs::read_to_string("/etc/os-release").unwrap();
    let field = |key: &str| {
        let line = release.lines().find(|line| line.starts_with(&format!("{key}="))).expect(key);
        line.split_once('=').unwrap().1.trim_matches('"').to_owned()
    };
    assert_eq!(remote["os"]["id"], field("ID"));
    assert_eq!(remote["os"]["pretty_name"], field("PRETTY_NAME"));
    assert_eq!(remote["os"]["version_id"], field("VERSION_ID"));
    assert_eq!(remote["kernel"], output("uname", &["-srm"]).trim());
    assert_eq!(remote["hostname"], output("hostname", &[]).trim());
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap();
    let kib: u64 = meminfo.lines().next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
    assert_eq!(remote["memory_mib"]["total"], kib / 1024);
    let df = output("df", &["-P", "/"]);
    let cells: Vec<&str> = df.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(remote["root_filesystem"]["blocks_1024"], cells[1].parse::<u64>().unwrap());
    let percent = |text: &str| text.trim_end_matches('%').parse::<f64>().unwrap();
    let told = percent(remote["root_filesystem"]["capacity"].as_str().unwrap());
    assert!((told - percent(cells[4])).abs() <= 1.0, "{told} against {}", cells[4]);
    let used = remote["root_filesystem"]["used_percent"].as_f64().unwrap();
    assert!((used - told).abs() <= 1.5, "{used} against {told}");
    log::verify(&home.state());
}

#[test]
fn an_unknown_host_key_is_learned_as_the_hint_says() {
    let server = Sshd::start();
    let way = way(&server).replace(&format!("inline: [\"{}\"]", server.known_line("ed25519")), "file: ../known_hosts");
    let home = home("60s", &ssh("web", &way));
    fs::write(home.path("known_hosts"), "").unwrap();
    let ended = home.tecrax(PASS);
    let finding = ends_unknown(&home, &ended, "web", "UnknownHostKey");
    let command = finding["nextStep"].as_str().unwrap().split('`').nth(1).expect("a command").to_owned();
    assert_eq!(command, format!("tecrax ssh known-hosts 127.0.0.1 -p {}", server.port));
    let scan = home.tecrax(command.strip_prefix("tecrax ").unwrap());
    assert_eq!(scan.code, 0, "{scan:?}");
    assert!(scan.out.contains(&server.host_key("ed25519")), "{}", scan.out);
    assert!(scan.err.contains("compare these fingerprints"), "{}", scan.err);
    fs::write(home.path("known_hosts"), scan.out).unwrap();
    assert_eq!(home.tecrax(&format!("{PASS} --force")).code, 0);
    assert_eq!(home.tecrax("get targets").out.lines().nth(1).unwrap().split_whitespace().nth(2), Some("True"));
}

#[test]
fn a_changed_host_key_stops_before_anything_is_sent() {
    let server = Sshd::start();
    let other = server.path("other");
    keygen("ed25519", &other);
    let known = format!("{} {}", server.known_name(), sshd::public_key(&other));
    let home = home("60s", &ssh("web", &way_with(&server, &server.user_key(), &known)));
    let ended = home.tecrax(PASS);
    ends_unknown(&home, &ended, "web", "ChangedHostKey");
    assert!(!server.log().contains("Accepted"), "{}", server.log());
    assert_eq!(home.tecrax("get targets").out.lines().nth(1).unwrap().split_whitespace().nth(2), Some("False/ChangedHostKey"));
}

#[test]
fn a_wrong_user_key_is_refused_by_name() {
    let server = Sshd::start();
    let stranger = server.path("stranger");
    keygen("ed25519", &stranger);
    let home = home("60s", &ssh("web", &way_with(&server, &stranger, &server.known_line("ed25519"))));
    let ended = home.tecrax(PASS);
    let finding = ends_unknown(&home, &ended, "web", "AuthRefused");
    assert!(finding["nextStep"].as_str().unwrap().contains("authorized_keys"));
}

#[test]
fn a_server_that_stalls_and_one_that_is_not_there() {
    let server = Sshd::start();
    let stalled = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = |port: u16| way(&server).replace(&format!("port: {}", server.port), &format!("port: {port}")).replace("20s", "1s");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text =
        ssh("stalled", &at(stalled.local_addr().unwrap().port())) + &ssh("absent", &at(closed)) + &ssh("good", &way(&server));
    let home = home("60s", &text);
    let ended = home.tecrax(PASS);
    ends_unknown(&home, &ended, "stalled", "Timeout");
    ends_unknown(&home, &ended, "absent", "Unreachable");
    assert_eq!(run(&home, "good")["assessment"], "healthy", "the others are not held up");
}

#[test]
fn a_flood_is_cut_at_its_bound() {
    let forced = forced("head -c 100000000 /dev/zero | tr '\\0' x");
    let home = home("60s", &ssh("web", &way(&forced.server)));
    let ended = home.tecrax(PASS);
    ends_unknown(&home, &ended, "web", "OutputCut");
    assert!(fs::metadata(home.path("state/tecrax.db")).unwrap().len() < 1_000_000, "what was cut is not kept");
}

#[test]
fn a_command_that_never_ends_is_given_up() {
    let forced = forced("sleep 3600");
    let home = home("2s", &ssh("web", &way(&forced.server)));
    let ended = home.tecrax(PASS);
    ends_unknown(&home, &ended, "web", "Timeout");
}

#[test]
fn a_connection_cut_in_the_middle_is_interrupted() {
    let forced = forced("echo half; touch FOLDER/started; sleep 3600");
    let started = forced.folder.path().join("started");
    let home = home("60s", &ssh("web", &way(&forced.server)));
    let done = AtomicBool::new(false);
    let ended = std::thread::scope(|scope| {
        scope.spawn(|| {
            // The run, its second try and its rerun.
            while !done.load(Ordering::SeqCst) {
                if fs::remove_file(&started).is_ok() {
                    forced.server.kill_sessions();
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        let ended = home.tecrax(PASS);
        done.store(true, Ordering::SeqCst);
        ended
    });
    ends_unknown(&home, &ended, "web", "Interrupted");
}

#[test]
fn a_rerun_takes_fresh_readings_and_leaves_the_facts_of_its_parent() {
    // The first `df` of all is about a full disk.
    let forced = forced(
        "case \"$SSH_ORIGINAL_COMMAND\" in *df*) if mkdir FOLDER/first 2>/dev/null; then \
         printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/x 1000 1000 0 100%% /\\n'; exit 0; fi;; esac\n\
         eval \"$SSH_ORIGINAL_COMMAND\"",
    );
    let home = home("60s", &ssh("web", &way(&forced.server)));
    home.write(
        "check.yaml",
        &INVENTORY.replace("values: [\"90\"]", "values: [\"100\"]").replace("spec:\n", "spec:\n  timeout: 60s\n"),
    );
    let ended = home.tecrax(PASS);
    assert_eq!(ended.code, 1, "what stands is what the run said: {ended:?}");
    let runs = log::runs(&home.state(), "default/inventory.web");
    let seen: Vec<&str> = runs.iter().map(|run| run["assessment"].as_str().unwrap()).collect();
    assert_eq!(seen, ["unhealthy", "healthy"]);
    let df = |run: &Value| {
        let readings = run["readings"].as_array().unwrap();
        readings.iter().find(|reading| reading["step"] == "read_filesystem_usage").expect("df")["output_digest"].clone()
    };
    assert_ne!(df(&runs[0]), df(&runs[1]));
    let row = home.tecrax("get observations inventory.web -o json");
    let status: Value = serde_json::from_str(&row.out).unwrap();
    assert_eq!(status["status"]["assessment"], "unhealthy");
    assert_eq!(status["status"]["reaction"]["outcome"], "no_op");
    assert_eq!(status["status"]["reaction"]["reason"], "NotConfirmed");
    assert_eq!(forced.server.log().matches("Accepted publickey").count(), 2, "a rerun is a new round with its own connection");
    log::verify(&home.state());
}

#[test]
fn a_target_behind_a_jump_host() {
    let (bastion, inner) = (Sshd::start(), Sshd::start());
    let behind = format!("{}, viaRefs: [{{name: bastion}}]", way(&inner));
    let home = home("60s", &(ssh("bastion", &way(&bastion)) + &ssh("inner", &behind)));
    let ended = home.tecrax(PASS);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(bastion.log().matches("Accepted publickey").count(), 2, "once for itself, once for the way through");
    assert_eq!(inner.log().matches("Accepted publickey").count(), 1);
    // A jump host that refuses us is the reason of what lies behind it; its own pair says the same of itself.
    let stranger = bastion.path("stranger");
    keygen("ed25519", &stranger);
    let refused = way_with(&bastion, &stranger, &bastion.known_line("ed25519"));
    home.write("targets.yaml", &(ssh("bastion", &refused) + &ssh("inner", &behind)));
    let ended = home.tecrax(PASS);
    let finding = ends_unknown(&home, &ended, "inner", "AuthRefused");
    assert!(finding["message"].as_str().unwrap().contains("jump host"), "{finding:#}");
    ends_unknown(&home, &ended, "bastion", "AuthRefused");
    assert_eq!(inner.log().matches("Accepted publickey").count(), 1, "nothing went through");
}

#[test]
fn three_dead_of_fifty_wait_beside_each_other_and_hold_up_nobody() {
    const DEAD: [&str; 3] = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
    let server = Sshd::start();
    // They take the connection and never speak: the worst way to be dead.
    let silent: Vec<TcpListener> = DEAD.iter().map(|address| TcpListener::bind((*address, 0)).unwrap()).collect();
    let mut text = String::new();
    for number in 0..47 {
        text += &ssh(&format!("live-{number:02}"), &way(&server));
    }
    for (listener, address) in silent.iter().zip(DEAD) {
        let port = listener.local_addr().unwrap().port();
        let connection = way(&server)
            .replace("127.0.0.1,", &format!("{address},"))
            .replace(&format!("port: {}", server.port), &format!("port: {port}"));
        let _ = write!(text, "{}", ssh(&format!("dead-{}", &address[8..]), &connection.replace("20s", "5s")));
    }
    let home = home("60s", &text);
    let ended = home.tecrax(PASS);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.err.contains("50 pairs on 50 targets: 47 healthy, 3 unknown; 3 escalations open ("), "{}", ended.err);
    assert!(ended.err.contains("; ran 50, fresh 0, reruns 3"), "{}", ended.err);
    assert_eq!(ended.out.lines().count(), 4, "only what asks for a word: {}", ended.out);
    let at = |run: &Value, key: &str| run[key].as_str().unwrap().parse::<Timestamp>().unwrap();
    let dead: Vec<Value> = DEAD.iter().map(|address| run(&home, &format!("dead-{}", &address[8..]))).collect();
    let last_start = dead.iter().map(|run| at(run, "started")).max().unwrap();
    let first_end = dead.iter().map(|run| at(run, "ended")).min().unwrap();
    assert!(last_start < first_end, "the attempts do not overlap: {last_start} {first_end}");
    // After the first refusal the other readings of the round are unknown at once: seven readings, one wait.
    for run in &dead {
        assert!(run["readings"].as_array().unwrap().iter().all(|reading| reading["outcome"] == "Timeout"));
        let took = at(run, "ended").as_second() - at(run, "started").as_second();
        assert!((4..=9).contains(&took), "{took} s for one connectTimeout of 5 s");
    }
    assert_eq!(server.log().matches("Accepted publickey").count(), 47, "one connection per target and round");
    log::verify(&home.state());
}
