//! Exit codes, streams, state directories: what scripts rely on.
#![allow(clippy::format_collect, clippy::format_push_string, reason = "short test inputs")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::cli::{Home, ended};
use crate::support::hosts::{INVENTORY, fleet, host};
use crate::support::log;
use tecrax::cli::exit::Exit;

const PASS: &str = "reconcile --once --allow-fixtures manifests";

fn home(hosts: &[(&str, Option<u32>)]) -> Home {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    for (name, used) in hosts {
        home.write(&format!("{name}.yaml"), &host(name, *used));
    }
    home
}

const BAD: &str =
    "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: bad}\nspec: {intent: nonsense, targetRef: {name: a}}\n";

#[test]
fn exit_codes_of_what_stands() {
    for (hosts, bad, code) in [
        (&[("a", Some(50))][..], false, 0),
        (&[], false, 0),
        (&[("a", Some(50)), ("b", Some(95))], false, 1),
        (&[("a", None)], false, 2),
        (&[("a", Some(95)), ("b", None)], false, 2),
        (&[("a", Some(50))], true, 65),
        (&[("a", Some(95)), ("b", None)], true, 65),
    ] {
        let home = home(hosts);
        if bad {
            home.write("bad.yaml", BAD);
        }
        let pass = home.tecrax(PASS);
        assert_eq!(pass.code, code, "{hosts:?} {bad}: {pass:?}");
        // The good ones ran all the same.
        assert_eq!(log::rows(&home.state()).iter().filter(|row| row.body["depth"] == 0).count(), hosts.len());
        assert_eq!(home.tecrax(PASS).code, code, "what stands counts, not what ran");
        assert_eq!(home.tecrax("status").code, if bad { hosts_code(hosts) } else { code });
        assert_eq!(home.tecrax("get").code, 0, "a list is no judgement");
        assert_eq!(home.tecrax("validate manifests").code, if bad { 65 } else { 0 });
        assert_eq!(home.tecrax("plan manifests").code, if bad { 65 } else { 0 });
    }
}

fn hosts_code(hosts: &[(&str, Option<u32>)]) -> i32 {
    if hosts.iter().any(|(_, used)| used.is_none()) { 2 } else { i32::from(hosts.iter().any(|(_, used)| used > &Some(90))) }
}

#[test]
fn suspended_pairs_do_not_count() {
    let home = home(&[("a", Some(50))]);
    home.write("b.yaml", &host("b", None).replace("  type: Host", "  type: Host\n  suspend: true"));
    let pass = home.tecrax(PASS);
    assert_eq!(pass.code, 0, "{pass:?}");
    assert!(pass.err.contains("1 healthy, 1 suspended"), "{}", pass.err);
}

#[test]
fn what_has_no_effect_is_said() {
    let home = home(&[("a", Some(50))]);
    let from = "  connections:\n  - {name: zabbix, http: {baseURLFrom: {configMapKeyRef: {name: s, key: k}}}}";
    home.write("a.yaml", &host("a", Some(50)).replace("  connections:", from));
    let pass = home.tecrax(PASS);
    assert_eq!(pass.code, 0, "{pass:?}");
    let validated = home.tecrax("validate manifests");
    assert_eq!((validated.code, validated.err.matches("(NotInEffect)").count()), (0, 1), "{}", validated.err);
    let status = home.tecrax("status").out;
    assert!(status.contains("1 pair declares something without effect"), "{status}");
    assert!(home.tecrax("describe inventory.a").out.contains("configMapKeyRef"));
    assert!(home.tecrax("describe target/a").out.contains("configMapKeyRef"));
}

#[test]
fn usage_is_64_and_bad_values_are_78() {
    let home = Home::new();
    for (line, code) in [
        ("--nonsense", 64),
        ("nonsense", 64),
        ("reconcile", 64),
        ("validate", 64),
        ("get --watch=maybe", 64),
        ("reconcile --force manifests", 64),
        ("--state-dir", 64),
        ("describe", 64),
        ("explain", 64),
        ("get pods", 78),
        ("get -o xml", 78),
        ("get --sort-by colour", 78),
        ("get -l a=(b", 78),
        ("get -l =", 78),
        ("explain everything", 78),
        ("completions sh", 78),
        ("--log loud get", 78),
        ("ssh known-hosts x --port 0", 78),
        ("ssh known-hosts x --port 65536", 78),
        ("describe pod/x", 78),
        ("describe absent", 78),
        ("get absent", 78),
        ("--profile /nonexistent validate manifests", 78),
    ] {
        let ended = home.tecrax(line);
        assert_eq!(ended.code, code, "{line}: {ended:?}");
        assert_eq!(ended.out, "", "{line}: words are for stderr");
        assert!(!ended.err.is_empty(), "{line}");
    }
    assert_eq!(ended(&mut home.command()).code, 64, "no command at all");
    for line in ["--help", "--version", "help", "get --help"] {
        assert_eq!(home.tecrax(line).code, 0, "{line}");
    }
}

#[test]
fn the_worst_code_wins() {
    use Exit::{Config, Failing, Io, Manifest, Ok, Unknown};
    let order = [Config, Io, Manifest, Unknown, Failing, Ok];
    for (index, worse) in order.iter().enumerate() {
        for better in &order[index..] {
            assert_eq!((worse.worst(*better), better.worst(*worse)), (*worse, *worse));
        }
    }
}

#[test]
fn a_broken_profile_is_78_even_with_broken_manifests_and_state() {
    let home = Home::new();
    home.write("bad.yaml", BAD);
    fs::create_dir(home.path("profile")).unwrap();
    fs::write(home.path("state"), "a file where the directory should be").unwrap();
    for line in ["reconcile --once manifests", "plan manifests", "validate manifests", "shapes", "get intents"] {
        let ended = home.tecrax(&format!("--profile profile {line}"));
        assert_eq!(ended.code, 78, "{line}: {ended:?}");
        assert!(ended.err.contains("the profile can not be used"), "{line}: {}", ended.err);
    }
}

#[test]
fn a_state_directory_that_can_not_be_used_is_74_and_named() {
    let home = home(&[("a", Some(95))]);
    home.write("bad.yaml", BAD);
    fs::write(home.path("file"), "").unwrap();
    for (state, lines) in [
        ("file", &[PASS, "get", "status", "plan manifests", "describe a.b"][..]),
        ("file/below", &[PASS, "get", "status"]),
        ("/proc/tecrax", &[PASS]),
        ("garbage", &[PASS, "get", "status", "plan manifests", "describe a.b"]),
        ("newer", &[PASS, "get", "status", "plan manifests", "describe a.b"]),
    ] {
        if state == "garbage" {
            fs::create_dir(home.path(state)).unwrap();
            fs::write(home.path("garbage/tecrax.db"), vec![b'x'; 8192]).unwrap();
        }
        if state == "newer" {
            assert_eq!(home.run(["reconcile", "--once", "--allow-fixtures", "--state-dir", "newer", "manifests"]).code, 65);
            log::open(&home.path("newer")).pragma_update(None, "user_version", 99).unwrap();
        }
        for line in lines {
            let ended = home.run(format!("--state-dir {state} {line}").split(' '));
            assert_eq!(ended.code, 74, "{state} {line}: {ended:?}");
            assert!(ended.err.contains(state), "{state} {line}: {}", ended.err);
        }
    }
    let newer = home.run("--state-dir newer get".split(' ')).err;
    assert!(newer.contains("has schema 99, this tecrax knows 7") && newer.contains("use the newer tecrax"), "{newer}");
}

#[test]
fn a_directory_without_write_permission_is_74_and_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = home(&[("a", Some(50))]);
    fs::create_dir(home.path("locked")).unwrap();
    fs::set_permissions(home.path("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    let arguments = ["reconcile", "--once", "--allow-fixtures", "--state-dir", "locked/state", "manifests"];
    // root writes anywhere, so it steps down first.
    let root = rustix::process::geteuid().is_root();
    let output = if root {
        fs::set_permissions(home.dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_tecrax")])
            .args(arguments)
            .current_dir(home.dir.path())
            .output()
            .unwrap()
    } else {
        Command::new(env!("CARGO_BIN_EXE_tecrax")).args(arguments).current_dir(home.dir.path()).output().unwrap()
    };
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(74), "{err}");
    assert!(err.contains("locked/state") && err.contains("ermission denied"), "{err}");
}

#[test]
fn the_state_directory_is_chosen_strongest_first() {
    let home = home(&[("a", Some(50))]);
    let used = |pairs: &[(&str, &str)], flag: Option<&str>| {
        let mut command = home.command();
        command.args(PASS.split(' '));
        if let Some(flag) = flag {
            command.args(["--state-dir", flag]);
        }
        for (name, value) in pairs {
            command.env(name, value.replace('~', home.dir.path().to_str().unwrap()));
        }
        let ended = ended(&mut command);
        assert_eq!(ended.code, 0, "{pairs:?}: {ended:?}");
        let mut found = Vec::new();
        for candidate in ["flag", "tecrax", "systemd", "xdg/tecrax", ".local/state/tecrax"] {
            if home.path(candidate).join("tecrax.db").exists() {
                found.push(candidate.to_owned());
                fs::remove_dir_all(home.path(candidate)).unwrap();
            }
        }
        found.join(",")
    };
    let all = [("TECRAX_STATE_DIR", "tecrax"), ("STATE_DIRECTORY", "~/systemd:~/second"), ("XDG_STATE_HOME", "~/xdg")];
    assert_eq!(used(&all, Some("flag")), "flag");
    assert_eq!(used(&all, None), "tecrax");
    assert_eq!(used(&all[1..], None), "systemd");
    assert_eq!(used(&all[2..], None), "xdg/tecrax");
    assert_eq!(used(&[], None), ".local/state/tecrax");
    // Empty is as good as unset; XDG ignores relative paths.
    assert_eq!(used(&[("TECRAX_STATE_DIR", ""), ("STATE_DIRECTORY", ""), ("XDG_STATE_HOME", "")], None), ".local/state/tecrax");
    assert_eq!(used(&[("XDG_STATE_HOME", "xdg")], None), ".local/state/tecrax");
    let nowhere = ended(home.command().env_remove("HOME").args(PASS.split(' ')));
    assert_eq!(nowhere.code, 74);
    assert!(nowhere.err.contains("--state-dir"), "{}", nowhere.err);
}

#[test]
fn quiet_prints_nothing_when_all_is_well_and_everything_when_not() {
    let well = home(&[("a", Some(50))]);
    // Warnings too.
    well.write(
        "edit.yaml",
        &INVENTORY
            .replace("name: inventory}", "name: partly}")
            .replace("  expect", "  confirmations: {failures: 2, recoveries: 1}\n  expect"),
    );
    for line in [
        "reconcile --once --allow-fixtures manifests -q",
        "-q reconcile --once --allow-fixtures manifests -o json",
        "-q get",
        "-q get -o json",
        "-q status",
        "-q plan manifests",
        "-q validate manifests",
        "-q validate manifests -o json",
        "-q describe inventory.a",
        "-q shapes",
    ] {
        let ended = well.tecrax(line);
        assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, "", ""), "{line}");
    }
    let ill = home(&[("a", Some(95))]);
    let (quiet, loud) = (ill.tecrax(&format!("-q {PASS}")), ill.tecrax(PASS));
    assert_eq!((quiet.code, loud.code), (1, 1));
    assert_eq!(quiet.out, loud.out);
    assert!(quiet.err.contains("1 unhealthy") && quiet.err.contains("next: "), "{}", quiet.err);
    assert_eq!(ill.tecrax("-q status").out, ill.tecrax("status").out);
    let bad = Home::new();
    bad.write("bad.yaml", BAD);
    assert!(bad.tecrax("-q validate manifests").err.contains("UnknownIntent"));
}

#[test]
fn data_goes_to_stdout_and_words_to_stderr() {
    let home = home(&[("a", Some(95))]);
    let pass = home.tecrax(PASS);
    assert!(pass.out.starts_with("CHECK ") && pass.out.lines().count() == 2, "{}", pass.out);
    assert!(pass.err.contains("1 pair on 1 target") && pass.err.contains("next: tecrax describe inventory.a"), "{}", pass.err);
    assert_eq!(home.tecrax("get").err, "");
    assert_eq!(home.tecrax("describe inventory.a").err, "");
    assert_eq!(home.tecrax("validate manifests").out, "");
}

#[test]
fn next_steps_are_hinted_each_once_and_three_at_most() {
    let home = home(&[("a", Some(50)), ("b", Some(50))]);
    // Each lacks another reading, and two lack the same.
    for (name, shape) in [("c", "hostname"), ("d", "uptime"), ("e", "load_average"), ("f", "kernel_identity"), ("g", "uptime")] {
        let text = host(name, Some(50));
        let lines = text.lines().filter(|line| !line.contains(&format!("read_{shape}")));
        home.write(&format!("{name}.yaml"), &lines.map(|line| format!("{line}\n")).collect::<String>());
    }
    let err = home.tecrax(PASS).err;
    let hints: Vec<&str> = err.lines().filter_map(|line| line.strip_prefix("hint: ")).collect();
    assert_eq!(hints.len(), 3, "{err}");
    let mut distinct = hints.clone();
    distinct.dedup();
    assert_eq!(distinct, hints);
    let tail: Vec<&str> = err.lines().map(|line| line.split(':').next().unwrap_or_default()).collect();
    assert_eq!(tail[tail.len() - 4..], ["hint", "hint", "hint", "next"], "{err}");
}

#[test]
fn an_answer_from_before_is_not_taken_for_a_new_one() {
    let home = home(&[("a", Some(50))]);
    let pass = "reconcile --once manifests";
    let told = |err: &str| err.contains("hint: 1 answer above is from before, not due again yet; --force asks now");
    let first = home.tecrax(pass);
    assert!(first.err.contains("Run with --allow-fixtures") && !told(&first.err), "{}", first.err);
    let second = home.tecrax(PASS);
    assert!(second.out.contains("FixturesNotAllowed") && told(&second.err), "{second:?}");
    let forced = home.tecrax("reconcile --once --force --allow-fixtures manifests");
    assert!(forced.code == 0 && !told(&forced.err), "{forced:?}");
    let healthy = home.tecrax(PASS);
    assert!(healthy.code == 0 && !told(&healthy.err), "{healthy:?}");
}

#[test]
fn no_colour_where_nobody_looks() {
    let home = home(&[("a", Some(95))]);
    home.write("bad.yaml", BAD);
    for line in [PASS, "get", "status", "validate manifests", "describe inventory.a", "--help", "--nonsense"] {
        let ended = home.tecrax(line);
        assert!(!ended.out.contains('\u{1b}') && !ended.err.contains('\u{1b}'), "{line}: {ended:?}");
    }
}

/// What `line` prints on a terminal: `script` gives it one.
fn on_a_terminal(home: &Home, line: &str, environment: &[(&str, &str)]) -> String {
    let output = Command::new("script")
        .args(["-q", "-e", "-c", &format!("{} {line}", env!("CARGO_BIN_EXE_tecrax")), "/dev/null"])
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("TERM", "xterm"), ("SHELL", "/bin/sh")])
        .env("TECRAX_STATE_DIR", home.state())
        .envs(environment.iter().copied())
        .current_dir(home.dir.path())
        .stdin(Stdio::null())
        .output()
        .expect("script is part of Debian's package bsdutils");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn terminals_get_colour_and_the_offending_line_unless_no_color_is_set() {
    let home = home(&[]);
    home.write("bad.yaml", BAD);
    let colored = on_a_terminal(&home, "validate manifests", &[]);
    assert!(colored.contains("\u{1b}[") && colored.contains("spec: {intent: nonsense"), "{colored}");
    for environment in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = on_a_terminal(&home, "validate manifests", &[environment]);
        assert!(!plain.contains('\u{1b}') && plain.contains("spec: {intent: nonsense"), "{plain}");
    }
    // An empty NO_COLOR says nothing.
    assert!(on_a_terminal(&home, "validate manifests", &[("NO_COLOR", "")]).contains('\u{1b}'));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Home::new();
    home.write("fleet.yaml", &fleet(300));
    assert_eq!(home.once().code, 0);
    for line in ["get -o yaml", "get -w -o wide", "shapes", "crds", "completions bash"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tecrax"))
            .args(line.split(' '))
            .env("TECRAX_STATE_DIR", home.state())
            .current_dir(home.dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty());
        let deadline = Instant::now() + Duration::from_secs(20);
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "{line} does not end when its reader has gone");
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut err = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut err).unwrap();
        assert_eq!((status.code(), err.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn a_closed_stdout_is_no_error_and_a_full_disk_is() {
    let home = home(&[("a", Some(95))]);
    let shell = |redirect: &str| {
        let line = format!("{} {PASS} {redirect}", env!("CARGO_BIN_EXE_tecrax"));
        Command::new("sh")
            .args(["-c", &line])
            .env("TECRAX_STATE_DIR", home.state())
            .current_dir(home.dir.path())
            .output()
            .unwrap()
    };
    assert_eq!(shell(">&-").status.code(), Some(1));
    assert_eq!(shell("2>&-").status.code(), Some(1));
    let full = shell(">/dev/full");
    assert_eq!(full.status.code(), Some(74));
    assert!(String::from_utf8(full.stderr).unwrap().contains("cannot write to stdout: No space left"));
}

#[test]
fn nothing_from_a_target_steers_the_terminal() {
    let home = home(&[]);
    let hostile = host("a", Some(95))
        .replace("stdout: \"a\\n\"", "stdout: \"a\\e]0;title\\a\\e[2Jb\\u009bc\\u202ed\\x7fe\\n\"")
        .replace("/dev/vda1", "/dev/\\e[31mvda1");
    assert!(hostile.contains("\\e]0;") && hostile.contains("\\e[31m"), "{hostile}");
    home.write("a.yaml", &hostile);
    home.write("b.yaml", &host("b", None).replace("df: /: Input", "df: \\e[5m\\u2066\\u009b/: Input"));
    let lines = [
        PASS,
        "get -o wide",
        "get -o json",
        "get -o yaml",
        "describe inventory.a",
        "describe inventory.b",
        "describe target/b",
        "status",
        "status -o json",
        "reconcile --once --allow-fixtures --force -o json manifests",
        "--log debug reconcile --once --force --allow-fixtures manifests",
    ];
    for line in lines {
        let ended = home.tecrax(line);
        for text in [&ended.out, &ended.err] {
            let steering = text.chars().find(|c| {
                (c.is_control() && *c != '\n')
                    || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            });
            assert_eq!(steering, None, "{line}: {text:?}");
        }
        if line.ends_with("json") {
            serde_json::from_str::<serde_json::Value>(&ended.out).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
        if line.ends_with("yaml") {
            serde_yaml::from_str::<serde_json::Value>(&ended.out).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }
}

#[test]
fn nothing_in_a_manifest_steers_the_terminal() {
    let home = home(&[]);
    home.write("bad.yaml", &BAD.replace("nonsense", "\"\\e[2Jnon\\u009bsense\\u202e\""));
    home.write("raw.yaml", "kind: \u{9b}x\nmetadata: {\u{202e}: 1}\n");
    for line in ["validate manifests", "validate -o json manifests", "validate -o yaml manifests", PASS] {
        let ended = home.tecrax(line);
        assert_eq!(ended.code, 65, "{line}");
        let text = format!("{}{}", ended.out, ended.err);
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{line}: {text:?}");
    }
}

#[test]
fn an_interrupted_pass_keeps_what_ran_and_leaves_no_claims() {
    let home = Home::new();
    let mut text = INVENTORY.to_owned();
    for number in 0..300 {
        text += &format!(
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: host-{number}, labels: {{site: lab}}}}\n\
             spec: {{type: Host, connections: [{{name: os, local: {{}}}}]}}\n"
        );
    }
    home.write("fleet.yaml", &text);
    let mut child = Command::new(env!("CARGO_BIN_EXE_tecrax"))
        .args(["reconcile", "--once", "manifests"])
        .env("TECRAX_STATE_DIR", home.state())
        .current_dir(home.dir.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let size = || tecrax::store::Db::open_read_only(&home.state()).and_then(|db| db.log_size()).unwrap_or(0);
    let deadline = Instant::now() + Duration::from_secs(50);
    while size() == 0 {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "it ended early");
        std::thread::sleep(Duration::from_millis(1));
    }
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(74), "{err}");
    assert!(err.contains("interrupted"), "{err}");
    assert!(log::verify(&home.state()) > 0);
    let claims: i64 =
        log::open(&home.state()).query_row("SELECT count(*) FROM claims WHERE expires_ms > 0", [], |row| row.get(0)).unwrap();
    assert_eq!(claims, 0);
}

#[test]
fn two_sets_of_manifests_share_one_state_directory() {
    let home = home(&[("a", Some(50))]);
    assert_eq!(home.once().code, 0);
    fs::create_dir(home.path("more")).unwrap();
    fs::write(home.path("more/all.yaml"), format!("{INVENTORY}{}", host("b", Some(50)))).unwrap();
    assert_eq!(home.tecrax("reconcile --once --allow-fixtures more").code, 0);
    assert_eq!(home.tecrax("get -o name").out, "observation/inventory.a\nobservation/inventory.b\n");
    let plan = home.tecrax("plan more").out;
    assert!(!plan.contains("Removed"), "what other manifests want is not removed: {plan}");
}

#[test]
fn watching_a_list_prints_what_changes() {
    let home = home(&[("a", Some(50)), ("b", Some(50))]);
    home.once();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tecrax"))
        .args(["get", "-w"])
        .env("TECRAX_STATE_DIR", home.state())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first: Vec<String> = lines.by_ref().take(3).collect();
    assert!(
        first[0].starts_with("NAME") && first[1].starts_with("inventory.a") && first[2].starts_with("inventory.b"),
        "{first:?}"
    );
    home.write("b.yaml", &host("b", Some(95)));
    home.once();
    let next = lines.next().unwrap();
    assert!(next.starts_with("inventory.b") && next.contains("unhealthy"), "only what changed: {next}");
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
