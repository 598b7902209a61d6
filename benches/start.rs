//! `tecrax --version` against `/bin/true`: what starting the program costs before it does anything. Goal: within 10 ms.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

mod support;

use std::process::Command;

use support::{TECRAX, cost, stats};

const ROUNDS: usize = 200;

fn main() {
    let rounds = support::rounds(ROUNDS);
    let costs = support::in_turn(
        rounds,
        &mut [&mut || cost(Command::new(TECRAX).arg("--version")), &mut || cost(&mut Command::new("/bin/true"))],
    );
    let wall: Vec<Vec<f64>> = costs.iter().map(|costs| stats::each(costs, stats::WALL)).collect();
    stats::head("starting", rounds);
    stats::bounded("tecrax --version, ms", &wall[0], 10.0);
    stats::line("/bin/true, ms", &wall[1]);
    stats::ratio("tecrax --version / true, wall", &wall[0], &wall[1], None);
}
