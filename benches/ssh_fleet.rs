//! Twenty SSH hosts, seven readings each, against asyncssh with one connection a host and parallel-ssh.
//!
//! Servers, commands and key exchange are the same for all; client and servers share the cores. Goals: at most 0.6 of asyncssh's
//! wall time, at most a quarter of parallel-ssh's client CPU, less than 24 MiB of memory.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

mod support;

use std::process::Command;
use std::sync::Arc;

use support::fleet::Fleet;
use support::{Cost, TECRAX, cost, stats};
use tecrax::connect::ssh::remote_command;
use tecrax::profile::{Profile, Shape, WorkflowStep};

const HOSTS: usize = 20;
const ROUNDS: usize = 15;

fn main() {
    let rounds = support::rounds(ROUNDS);
    let python = support::peers::python();
    let fleet = Fleet::start(HOSTS);
    let manifests = support::empty_dir();
    support::manifests::of_fleet(&fleet, manifests.path());
    let job = fleet.dir().join("job");
    std::fs::write(&job, lines(&fleet)).expect("the peers' job");

    let ours = || {
        let state = tempfile::tempdir_in(support::scratch()).expect("a state directory");
        let cost =
            cost(Command::new(TECRAX).arg("--state-dir").arg(state.path()).args(["reconcile", "--once"]).arg(manifests.path()));
        assert!(cost.stderr.contains("20 healthy; ran 20, fresh 0"), "{}", cost.stderr);
        cost
    };
    let peer = |script: &str| -> Cost {
        let cost = cost(
            Command::new(&python)
                .arg(support::peers::script(script))
                .arg(&job)
                .arg(&fleet.user)
                .args([&fleet.key, &fleet.known_hosts]),
        );
        assert!(cost.stdout.starts_with("answers=140 "), "{}", cost.stdout);
        cost
    };
    let costs =
        support::in_turn(rounds, &mut [&mut || ours(), &mut || peer("asyncssh_peer.py"), &mut || peer("parallel_ssh_peer.py")]);
    let [ours, asyncssh, pssh] = costs.try_into().expect("three contenders");

    stats::head("20 SSH hosts, seven readings each", rounds);
    let wall = |costs: &[Cost]| stats::each(costs, stats::WALL);
    let cpu = |costs: &[Cost]| stats::each(costs, stats::CPU);
    stats::line("tecrax, wall ms", &wall(&ours));
    stats::line("asyncssh, wall ms", &wall(&asyncssh));
    stats::line("asyncssh without interpreter start, wall ms", &inside(&asyncssh, "wall="));
    stats::line("parallel-ssh, wall ms", &wall(&pssh));
    stats::ratio("tecrax / asyncssh, wall", &wall(&ours), &wall(&asyncssh), Some(0.6));
    stats::ratio("tecrax / asyncssh without interpreter start, wall", &wall(&ours), &inside(&asyncssh, "wall="), None);
    stats::ratio("tecrax / parallel-ssh, wall", &wall(&ours), &wall(&pssh), None);
    stats::line("tecrax, client CPU ms", &cpu(&ours));
    stats::line("asyncssh, client CPU ms", &cpu(&asyncssh));
    stats::line("parallel-ssh, client CPU ms", &cpu(&pssh));
    stats::line("parallel-ssh without interpreter start, client CPU ms", &inside(&pssh, "cpu="));
    stats::ratio("tecrax / parallel-ssh, client CPU", &cpu(&ours), &cpu(&pssh), Some(0.25));
    stats::ratio("tecrax / parallel-ssh without interpreter start, CPU", &cpu(&ours), &inside(&pssh, "cpu="), None);
    stats::bounded("tecrax, peak memory MiB", &stats::each(&ours, stats::MEBIBYTES), 24.0);
    stats::line("asyncssh, peak memory MiB", &stats::each(&asyncssh, stats::MEBIBYTES));
    stats::line("parallel-ssh, peak memory MiB", &stats::each(&pssh, stats::MEBIBYTES));
}

/// `host <address> <port>` for every host, `command <line>` for every reading: the very bytes that tecrax sends.
fn lines(fleet: &Fleet) -> String {
    let known = |name: &str| tecrax::facts::normalizer(name).is_some();
    let profile = Profile::embedded(&known).expect("the embedded profile");
    let intent = &profile.intents["collect_basic_host_inventory"];
    let shapes: Vec<Arc<Shape>> = intent
        .workflow
        .steps
        .iter()
        .filter_map(|step| match step {
            WorkflowStep::Read { shape, .. } => Some(Arc::clone(shape)),
            WorkflowStep::Normalize { .. } | WorkflowStep::Seal { .. } => None,
        })
        .collect();
    let hosts = fleet.hosts.iter().map(|host| format!("host {} {}\n", host.address, host.port));
    hosts.chain(shapes.iter().map(|shape| format!("command {}\n", remote_command(shape.argv())))).collect()
}

/// What a peer measured itself, in ms, from after its imports.
fn inside(costs: &[Cost], key: &str) -> Vec<f64> {
    let figure = |cost: &Cost| {
        let word = cost.stdout.split_whitespace().find_map(|word| word.strip_prefix(key)).expect("the peer's figure");
        word.parse::<f64>().expect("a number") * 1e3
    };
    costs.iter().map(figure).collect()
}
