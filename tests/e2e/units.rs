//! The units for systemd: how much they take away from the process, in the words of systemd itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Most exposure, in tenths: 2.0 of 10.
const EXPOSURE: &str = "20";

fn unit(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd").join(name)
}

#[test]
fn the_services_are_hardened() {
    for name in ["tecrax.service", "tecrax-once.service"] {
        let output = Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE])
            .arg(unit(name))
            .output()
            .expect("systemd-analyze is part of Debian's package systemd: run tests/run, which installs it");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.contains("Overall exposure level"), "{name}: {said}");
    }
}

#[test]
fn the_services_leave_what_the_sandbox_needs_and_end_as_answers_do() {
    for name in ["tecrax.service", "tecrax-once.service"] {
        let text = fs::read_to_string(unit(name)).unwrap();
        for line in [
            "RestrictNamespaces=user pid ipc",
            "SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp unshare",
            "SuccessExitStatus=1 2",
            "User=tecrax",
            "KillMode=mixed",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
        ] {
            assert!(text.lines().any(|found| found == line), "{name}: no {line}");
        }
    }
}
