//! The full diagnosis of one SSH host against one bare `ssh host true` and its slowest reading.
//!
//! Seventeen readings over one connection, process start, evidence on disk and exit included. The host has answered before and has
//! not changed, so that nothing is asked twice: a first pass over a host with something wrong looks once more before it calls
//! anybody. The slowest reading is the slowest of the same commands run by themselves on the host, without tecrax or SSH. Goal: at
//! most 1.5 times the bare login plus that.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

mod support;

use std::process::Command;
use std::time::Instant;

use support::fleet::Fleet;
use support::{TECRAX, cost_ending, stats};

const ROUNDS: usize = 20;
/// What tecrax ends with: a machine without systemd, NTP and Docker leaves most of the questions open.
const UNKNOWN: i32 = 2;

fn main() {
    let rounds = support::rounds(ROUNDS);
    let fleet = Fleet::start(1);
    let manifests = support::empty_dir();
    support::manifests::asking(&fleet, "diagnose_monitoring_host", manifests.path());
    let state = tempfile::tempdir_in(support::scratch()).expect("a state directory");
    let diagnose = || {
        let mut command = Command::new(TECRAX);
        command.arg("--state-dir").arg(state.path()).args(["reconcile", "--once", "--force"]).arg(manifests.path());
        cost_ending(&mut command, UNKNOWN)
    };
    diagnose();
    let commands = commands(manifests.path());
    let costs = support::in_turn(
        rounds,
        &mut [
            &mut || {
                let cost = diagnose();
                assert!(cost.stderr.contains("1 unknown; ran 1, fresh 0, reruns 0"), "{}", cost.stderr);
                cost
            },
            &mut || fleet.ssh(0, "true"),
            &mut || support::Cost { wall: slowest(&commands), ..support::Cost::default() },
        ],
    );
    let wall: Vec<Vec<f64>> = costs.iter().map(|costs| stats::each(costs, stats::WALL)).collect();
    let allowed: Vec<f64> = wall[1].iter().zip(&wall[2]).map(|(login, reading)| 1.5 * login + reading).collect();
    stats::head(&format!("the diagnosis of one SSH host, {} readings", commands.len()), rounds);
    stats::line("tecrax reconcile --once, ms", &wall[0]);
    stats::line("ssh host true, ms", &wall[1]);
    stats::line("the slowest of the readings by itself, ms", &wall[2]);
    stats::ratio("tecrax / (1.5 × ssh + the slowest reading), wall", &wall[0], &allowed, Some(1.0));
}

/// The commands as `tecrax shapes` prints them.
fn commands(manifests: &std::path::Path) -> Vec<String> {
    let shapes = support::cost(Command::new(TECRAX).arg("shapes").arg(manifests)).stdout;
    let commands: Vec<String> =
        shapes.lines().skip(1).filter_map(|line| line.rsplit("  ").next()).map(|line| line.trim().to_owned()).collect();
    assert!(commands.iter().any(|line| line == "uptime"), "{shapes}");
    commands
}

/// Seconds of the slowest command by itself. What this machine does not have fails at once, as it does for tecrax.
fn slowest(commands: &[String]) -> f64 {
    let seconds = commands.iter().map(|line| {
        let clock = Instant::now();
        Command::new("/bin/sh").arg("-c").arg(line).output().expect("/bin/sh");
        clock.elapsed().as_secs_f64()
    });
    seconds.fold(0.0, f64::max)
}
