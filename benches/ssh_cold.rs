//! One cold `tecrax reconcile --once` of one SSH host against one bare `ssh host true`.
//!
//! Ours includes everything: process start, manifests, an empty state directory that becomes a database, the handshake, seven
//! readings, facts, evidence on disk, the screen. Goal: no slower than the bare login.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

mod support;

use std::process::Command;

use support::fleet::Fleet;
use support::{TECRAX, cost, stats};

const ROUNDS: usize = 30;

fn main() {
    let rounds = support::rounds(ROUNDS);
    let fleet = Fleet::start(1);
    let plain = support::empty_dir();
    support::manifests::of_fleet(&fleet, plain.path());
    let committed = support::empty_dir();
    support::manifests::of_fleet(&fleet, committed.path());
    git(&committed, &["init", "--quiet"]);
    git(&committed, &["add", "."]);
    git(&committed, &["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "--quiet", "-m", "fleet"]);

    let ours = |manifests: &tempfile::TempDir| {
        let state = tempfile::tempdir_in(support::scratch()).expect("a state directory");
        let cost =
            cost(Command::new(TECRAX).arg("--state-dir").arg(state.path()).args(["reconcile", "--once"]).arg(manifests.path()));
        assert!(cost.stderr.contains("1 healthy; ran 1, fresh 0"), "{}", cost.stderr);
        cost
    };
    let costs = support::in_turn(rounds, &mut [&mut || ours(&plain), &mut || fleet.ssh(0, "true"), &mut || ours(&committed)]);
    let wall: Vec<Vec<f64>> = costs.iter().map(|costs| stats::each(costs, stats::WALL)).collect();
    let cpu: Vec<Vec<f64>> = costs.iter().map(|costs| stats::each(costs, stats::CPU)).collect();

    stats::head("one SSH host, seven readings, cold", rounds);
    stats::line("tecrax reconcile --once, ms", &wall[0]);
    stats::line("the same, manifests in a Git work tree, ms", &wall[2]);
    stats::line("ssh host true, ms", &wall[1]);
    stats::ratio("tecrax / ssh, wall", &wall[0], &wall[1], Some(1.0));
    stats::ratio("tecrax in a Git work tree / ssh, wall", &wall[2], &wall[1], Some(1.0));
    stats::line("tecrax, CPU ms", &cpu[0]);
    stats::line("ssh, CPU ms", &cpu[1]);
}

fn git(directory: &tempfile::TempDir, arguments: &[&str]) {
    let status = Command::new("git").arg("-C").arg(directory.path()).args(arguments).status().expect("git");
    assert!(status.success(), "git {arguments:?}");
}
