//! `tecrax targets list` of 200 Targets as a process: from start to exit. Goal: under 50 ms.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

mod support;

use std::fmt::Write as _;
use std::process::Command;

use support::{TECRAX, cost, stats};

const ROUNDS: usize = 50;
const TARGETS: usize = 200;

fn main() {
    let rounds = support::rounds(ROUNDS);
    let home = support::empty_dir();
    let file = home.path().join("targets.yaml");
    let mut text = String::new();
    for index in 0..TARGETS {
        write!(
            text,
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: web-{index:03}, labels: {{os: debian, site: fra}}}}\n\
             spec:\n  type: Host\n  connections:\n  - name: os\n    ssh: {{host: web-{index:03}.fra.example.net, user: tecrax}}\n",
        )
        .unwrap();
    }
    std::fs::write(&file, text).unwrap();
    let costs = support::in_turn(
        rounds,
        &mut [
            &mut || {
                let cost = cost(Command::new(TECRAX).args(["targets", "list"]).arg(&file));
                assert_eq!(cost.stdout.lines().count(), TARGETS + 1, "{}", cost.stdout);
                cost
            },
            &mut || cost(Command::new("git").arg("--version")),
        ],
    );
    let wall: Vec<Vec<f64>> = costs.iter().map(|costs| stats::each(costs, stats::WALL)).collect();
    stats::head(&format!("a list of {TARGETS} Targets"), rounds);
    stats::bounded("tecrax targets list, ms", &wall[0], 50.0);
    stats::line("the same, CPU ms", &stats::each(&costs[0], stats::CPU));
    stats::line("git --version, ms", &wall[1]);
}
