//! The gate script in every POSIX shell that a target may have: what is listed runs as it stands, nothing else does.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::support::cases::cases;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tecrax::connect::ssh::{Gate, public_key, remote_command};
use tempfile::TempDir;

const SHELLS: [&[&str]; 3] = [&["dash"], &["busybox", "sh"], &["bash", "--posix"]];
/// Runs the script of `$1` once for every further argument, in one process of the shell, and prints `RAN` or the exit status.
const DRIVER: &str = "gate=$1; shift; for asked; do (SSH_ORIGINAL_COMMAND=$asked; . \"$gate\") 2>/dev/null; echo \"=$?\"; done";

struct Script {
    _folder: TempDir,
    path: PathBuf,
    commands: Vec<String>,
}

fn words(argv: &[&str]) -> Vec<String> {
    argv.iter().map(|word| (*word).to_owned()).collect()
}

fn script(argvs: &[Vec<String>]) -> Script {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("gate");
    let gate = Gate::new("default/web", "/usr/local/lib/tecrax/gate", argvs.iter().map(Vec::as_slice)).unwrap();
    fs::write(&path, gate.script()).unwrap();
    Script { _folder: folder, path, commands: argvs.iter().map(|argv| remote_command(argv)).collect() }
}

impl Script {
    /// The answer to one asked command, in a process of its own, as a server starts it.
    fn ask(&self, shell: &[&str], asked: Option<&OsStr>) -> Output {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).arg(&self.path).env_remove("SSH_ORIGINAL_COMMAND").stdin(Stdio::null());
        if let Some(asked) = asked {
            command.env("SSH_ORIGINAL_COMMAND", asked);
        }
        command.output().unwrap()
    }

    /// What one shell says to many asked commands: what each printed and its exit status.
    fn ask_all(&self, shell: &[&str], asked: &[Vec<u8>]) -> Vec<(String, i32)> {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).args(["-c", DRIVER, "driver"]).arg(&self.path);
        let output = command.args(asked.iter().map(|asked| OsStr::from_bytes(asked))).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let answers: Vec<(String, i32)> = text
            .split_inclusive('\n')
            .fold((Vec::new(), String::new()), |(mut answers, mut said), line| {
                match line.trim_end().rsplit_once('=').and_then(|(before, code)| Some((before, code.parse().ok()?))) {
                    Some((before, code)) => {
                        answers.push((std::mem::take(&mut said) + before, code));
                    }
                    None => said.push_str(line),
                }
                (answers, said)
            })
            .0;
        assert_eq!(answers.len(), asked.len(), "{shell:?}: {output:?}");
        answers
    }
}

/// Commands that say so when they run, with everything a shell might misread.
fn listed() -> Vec<Vec<String>> {
    vec![
        words(&["echo", "RAN", "a", "b"]),
        words(&["echo", "RAN", "it's $HOME `x` \\ \"q\" * ? [a-z] ~ ; & | < > ( ) { } ! # =", "%f\\n"]),
        words(&["echo", "RAN", "rv 0 stratum,offset"]),
        words(&["echo", "RAN", "naïve"]),
        words(&["echo", "RAN", "/"]),
    ]
}

/// Other ways to write or to wrap a listed command.
fn tricks(command: &str) -> Vec<Vec<u8>> {
    let first = command.split(' ').next().unwrap();
    let mut tricks: Vec<String> =
        ["; id", ";", "\n", "\nid", " ", "\t", "\r", " #", " && id", " | id", " > x", "\\", "'", "\"", "*", "\u{1}"]
            .iter()
            .map(|tail| format!("{command}{tail}"))
            .collect();
    for head in [" ", "\n", "A=1 ", "exec ", "command ", "env ", "sudo ", "id;", "$(", "`", "!", "x", "\\", "LC_ALL=C "] {
        tricks.push(format!("{head}{command}"));
    }
    tricks.extend([
        format!("$({command})"),
        format!("`{command}`"),
        format!("({command})"),
        format!("{{ {command}; }}"),
        format!("'{command}'"),
        format!("\"{command}\""),
        command.replacen(' ', "  ", 1),
        command.replacen(' ', "\t", 1),
        command.replacen(' ', "${IFS}", 1),
        command.replacen(first, &format!("'{first}'"), 1),
        command.replacen(first, &format!("\\{first}"), 1),
        command.replacen(first, &format!("/bin/{first}"), 1),
        command.to_uppercase(),
        command[..command.len() - 1].to_owned(),
        format!("{command}{command}"),
        format!("{command} {command}"),
        "echo RAN $(id)".to_owned(),
        "echo RAN *".to_owned(),
        "*".to_owned(),
        "?*".to_owned(),
        "[!x]*".to_owned(),
        "$1".to_owned(),
        "=".to_owned(),
        "!".to_owned(),
        "(".to_owned(),
        "-n".to_owned(),
        "-f".to_owned(),
        String::new(),
    ]);
    let mut tricks: Vec<Vec<u8>> =
        tricks.into_iter().map(String::into_bytes).filter(|trick| trick != command.as_bytes()).collect();
    // Bytes that are no text, and those with a meaning of their own inside some shells.
    for byte in [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0xff, 0xc3] {
        tricks.push([&[byte], command.as_bytes()].concat());
        tricks.push([command.as_bytes(), &[byte]].concat());
    }
    tricks
}

#[test]
fn listed_commands_run_as_they_stand() {
    let script = script(&listed());
    for shell in SHELLS {
        for command in &script.commands {
            let through = script.ask(shell, Some(OsStr::new(command)));
            let plain = Command::new("/bin/sh").args(["-c", &command.replacen("echo", "/bin/echo", 1)]).output().unwrap();
            assert_eq!(through.stdout, plain.stdout, "{shell:?}: {command}");
            assert!(
                through.status.success() && through.stderr.is_empty() && plain.stdout.starts_with(b"RAN "),
                "{shell:?}: {command}"
            );
        }
    }
}

#[test]
fn everything_else_is_refused_with_one_line() {
    let script = script(&listed());
    let asked: Vec<Vec<u8>> = script.commands.iter().flat_map(|command| tricks(command)).collect();
    let listed = |asked: &[u8]| script.commands.iter().any(|command| command.as_bytes() == asked);
    assert!(asked.len() > 300 && !asked.iter().any(|asked| listed(asked)));
    for shell in SHELLS {
        for (answer, asked) in script.ask_all(shell, &asked).into_iter().zip(&asked) {
            assert_eq!(answer, (String::new(), 126), "{shell:?}: {:?}", String::from_utf8_lossy(asked));
        }
        for asked in [None, Some(OsStr::new("")), Some(OsStr::new("id; \u{1b}[2J")), Some(OsStr::new(&"x".repeat(100_000)))] {
            let refused = script.ask(shell, asked);
            assert_eq!((refused.status.code(), refused.stdout.as_slice()), (Some(126), &b""[..]), "{shell:?}");
            let said = String::from_utf8(refused.stderr).unwrap();
            let line =
                "tecrax gate of default/web: this command is not on the list; `tecrax ssh forced-command` writes a new one\n";
            assert_eq!(said, line, "{shell:?}");
        }
    }
}

/// Neither options that a shell takes from its environment nor a locale make two different commands equal.
#[test]
fn the_environment_does_not_soften_the_comparison() {
    let script = script(&listed());
    for shell in SHELLS {
        for (name, value) in [
            ("BASHOPTS", "nocasematch:extglob"),
            ("SHELLOPTS", "noglob"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("IFS", "R"),
            ("POSIXLY_CORRECT", "1"),
        ] {
            let mut command = Command::new(shell[0]);
            command.args(&shell[1..]).arg(&script.path).env(name, value).env("SSH_ORIGINAL_COMMAND", "ECHO RAN A B");
            let output = command.output().unwrap();
            assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(126), &b""[..]), "{shell:?} {name}");
            command.env("SSH_ORIGINAL_COMMAND", "echo RAN a b");
            assert_eq!(command.output().unwrap().stdout, b"RAN a b\n", "{shell:?} {name}");
        }
    }
}

#[test]
fn an_empty_list_refuses_all() {
    let script = script(&[]);
    for shell in SHELLS {
        assert_eq!(script.ask(shell, Some(OsStr::new("id"))).status.code(), Some(126));
    }
}

/// An edit of a listed command, or any bytes at all.
fn asked(commands: Vec<String>) -> impl Strategy<Value = Vec<u8>> {
    let bytes = || vec(1_u8.., 0..12);
    let edited = (prop::sample::select(commands), any::<prop::sample::Index>(), 0..3_usize, bytes()).prop_map(
        |(command, at, cut, new)| {
            let mut command = command.into_bytes();
            let at = at.index(command.len() + 1);
            let end = (at + cut).min(command.len());
            command.splice(at..end, new);
            command
        },
    );
    prop_oneof![3 => edited, 1 => bytes(), 1 => "[ -~\\n\\t]{0,60}".prop_map(String::into_bytes)]
}

#[test]
fn whatever_is_asked_only_listed_bytes_run() {
    const BATCH: u32 = 500;
    let script = script(&listed());
    let mut runner =
        TestRunner::new(Config { cases: cases(4 * BATCH).div_ceil(BATCH), failure_persistence: None, ..Config::default() });
    let strategy = vec(asked(script.commands.clone()), BATCH as usize);
    runner
        .run(&strategy, |asked| {
            for shell in SHELLS {
                for ((said, code), asked) in script.ask_all(shell, &asked).into_iter().zip(&asked) {
                    let listed = script.commands.iter().any(|command| command.as_bytes() == asked);
                    let shown = String::from_utf8_lossy(asked).into_owned();
                    prop_assert_eq!(code, if listed { 0 } else { 126 }, "{:?}: {:?}", shell, &shown);
                    prop_assert_eq!(said.starts_with("RAN"), listed, "{:?}: {:?}", shell, &shown);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_argv_passes_unchanged() {
    let mut runner = TestRunner::new(Config { cases: cases(40), failure_persistence: None, ..Config::default() });
    let argument = "[^\\x00]{0,12}";
    runner
        .run(&vec(vec(argument, 1..5), 1..6), |lists| {
            let argv = |list: &Vec<String>| [words(&["printf", "%s\\000"]), list.clone()].concat();
            let script = script(&lists.iter().map(argv).collect::<Vec<_>>());
            for (index, (list, command)) in lists.iter().zip(&script.commands).enumerate() {
                let output = script.ask(SHELLS[index % SHELLS.len()], Some(OsStr::new(command)));
                let arguments: Vec<u8> = list.iter().flat_map(|argument| argument.bytes().chain([0])).collect();
                prop_assert_eq!(output.stdout, arguments, "{}", command);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_path_that_needs_quotes_is_no_path() {
    let gate = |path: &str| Gate::new("default/web", path, [words(&["id"]).as_slice()]);
    for path in ["", "gate", "/a b", "/a\"b", "/a'b", "/a$b", "/a\nb", "/a/", "/ä", "/a;b"] {
        assert_eq!(gate(path), None, "{path}");
    }
    let gate = gate("/opt/x/gate-default-web.1").unwrap();
    assert_eq!(gate.line("ssh-ed25519 AAAA"), "restrict,command=\"/opt/x/gate-default-web.1\" ssh-ed25519 AAAA");
}

#[test]
fn one_key_and_nothing_else_is_a_key() {
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3LnCcJBjNoKbbOjqJYmIVFdL9Xr/4dWcPNgC3q5aJg";
    let good =
        [KEY.to_owned(), format!("{KEY}\n"), format!("# mine\n\n{KEY} anna@example.net\n"), format!("{KEY} \" command=x\n")];
    for text in &good {
        assert_eq!(public_key(text).as_deref(), Some(KEY), "{text:?}");
    }
    let bad = [
        String::new(),
        "x".to_owned(),
        format!("{KEY}\n{KEY}\n"),
        format!("command=\"id\" {KEY}"),
        format!("{KEY}A"),
        "-----BEGIN OPENSSH PRIVATE KEY-----\n".to_owned(),
    ];
    for text in &bad {
        assert_eq!(public_key(text), None, "{text:?}");
    }
}
