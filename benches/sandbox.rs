//! What the sandbox adds to a local command: `true` shut in, against `true` as it is, one after the other. Goal: 3 ms.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts programs and measures them from outside")]

#[path = "../tests/support/shut_in.rs"]
mod shut_in;
mod support;

use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use shut_in::{ShutIn, order, plain};
use support::{TECRAX, stats};

const ROUNDS: usize = 300;
const TRUE: &str = "/bin/true";

/// Milliseconds of a command at a level; `None` is without any.
fn cost(level: Option<&str>) -> f64 {
    let clock = Instant::now();
    match level {
        None => {
            let status = plain(Path::new(TRUE), &["true"]).stdout(Stdio::null()).status().expect("true");
            assert!(status.success(), "{status}");
        }
        Some(level) => {
            // What tecrax does beside the helper's own work: a private folder, and its removal.
            let folder = support::empty_dir();
            let mut command = order(TECRAX, level, folder.path(), Path::new(TRUE), &["true"]);
            command.stdout(Stdio::null());
            let said = ShutIn::start(command).listen();
            assert_eq!(said, "status 0", "level {level}");
            drop(folder);
        }
    }
    clock.elapsed().as_secs_f64() * 1e3
}

fn main() {
    let rounds = support::rounds(ROUNDS);
    let levels = [None, Some("basic"), Some("full")];
    let mut costs = vec![Vec::with_capacity(rounds); levels.len()];
    for round in 0..rounds {
        // Each is first, second and last equally often: what ran before warms what comes after.
        for turn in 0..levels.len() {
            let which = (round + turn) % levels.len();
            costs[which].push(cost(levels[which]));
        }
    }
    stats::head("a local command", rounds);
    stats::line("true, ms", &costs[0]);
    for (which, name) in [(1, "basic"), (2, "full")] {
        stats::line(&format!("true at level {name}, ms"), &costs[which]);
        let added: Vec<f64> = costs[which].iter().zip(&costs[0]).map(|(shut, plain)| shut - plain).collect();
        stats::at_most(&format!("added by level {name}, ms"), &added, 3.0);
    }
}
