//! A panic is told without secrets, with and without a backtrace.

use std::process::{Command, Stdio};

use tecrax::cli::panics::install;
use tecrax::secrets::Redactor;

/// What the redactor is told.
const KNOWN: &str = "Canary-Known-51TqLm";
/// What only looks like a secret.
const TOKEN: &str = "ghp_CanaryGithubToken0123456789abcdef";

/// Not a test by itself: panics in a process that [`told`] starts.
#[test]
#[ignore = "panics on purpose; the other test starts it"]
fn child() {
    install(Redactor::new([KNOWN.to_owned()]));
    let thread = std::thread::spawn(|| panic!("could not use {KNOWN} nor {TOKEN}, control-canary-visible"));
    assert!(thread.join().is_err());
}

fn told(backtrace: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "panics::child", "--ignored", "--nocapture"]).env("RUST_BACKTRACE", backtrace).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_panic_tells_no_secret() {
    for backtrace in ["0", "1", "full"] {
        let said = told(backtrace);
        assert!(!said.contains(KNOWN) && !said.contains(TOKEN), "{said}");
        let line = said
            .lines()
            .find(|line| line.starts_with("error: a bug in tecrax: panicked at tests/cli/panics.rs:"))
            .expect("a line");
        assert!(line.contains("could not use [REDACTED] nor [REDACTED], control-canary-visible"), "{said}");
        assert_eq!(said.contains("panics::child"), backtrace != "0", "{said}");
    }
}
