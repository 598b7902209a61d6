//! What the sandbox adds to a local command: `true` shut in by a template that is there already, against `true` as it is, one after the
//! other. Goal: 3 ms. What starting the template costs, once a process, is a line of its own.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts programs and measures them from outside")]

#[path = "../tests/support/shut_in.rs"]
mod shut_in;
mod support;

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use shut_in::{Template, plain, template};
use support::{TECRAX, stats};

const ROUNDS: usize = 300;
/// Templates that are started.
const STARTS: usize = 50;
const TRUE: &str = "/bin/true";

/// Milliseconds of a command at a level; `None` is without any.
fn cost(template: &Template, null: &File, level: Option<&str>) -> f64 {
    let clock = Instant::now();
    let Some(level) = level else {
        let status = plain(Path::new(TRUE), &["true"]).stdout(Stdio::null()).status().expect("true");
        assert!(status.success(), "{status}");
        return clock.elapsed().as_secs_f64() * 1e3;
    };
    // What tecrax does beside the helper's own work: a private folder, and its removal.
    let folder = support::empty_dir();
    let mut shut_in = template.order(level, folder.path(), Path::new(TRUE), &["true"], [null, null]);
    assert_eq!(shut_in.listen(), "status 0", "level {level}");
    drop(folder);
    let cost = clock.elapsed().as_secs_f64() * 1e3;
    // The helper's own end is nobody's time but the processor's: it must not be the next one's.
    shut_in.bury();
    cost
}

/// Milliseconds from starting a template to the end of its first command at level `full`.
fn first_cost(null: &File) -> f64 {
    let folder = support::empty_dir();
    let clock = Instant::now();
    let template = Template::start(template(TECRAX));
    let mut shut_in = template.order("full", folder.path(), Path::new(TRUE), &["true"], [null, null]);
    assert_eq!(shut_in.listen(), "status 0");
    let cost = clock.elapsed().as_secs_f64() * 1e3;
    shut_in.bury();
    cost
}

fn main() {
    let rounds = support::rounds(ROUNDS);
    let null = File::options().write(true).open("/dev/null").expect("/dev/null");
    let template = Template::start(template(TECRAX));
    let levels = [None, Some("basic"), Some("full")];
    let mut costs = vec![Vec::with_capacity(rounds); levels.len()];
    for round in 0..rounds {
        // Each is first, second and last equally often: what ran before warms what comes after.
        for turn in 0..levels.len() {
            let which = (round + turn) % levels.len();
            costs[which].push(cost(&template, &null, levels[which]));
        }
    }
    stats::head("a local command", rounds);
    stats::line("true, ms", &costs[0]);
    for (which, name) in [(1, "basic"), (2, "full")] {
        stats::line(&format!("true at level {name}, ms"), &costs[which]);
        let added: Vec<f64> = costs[which].iter().zip(&costs[0]).map(|(shut, plain)| shut - plain).collect();
        stats::at_most(&format!("added by level {name}, ms"), &added, 3.0);
    }
    let usual = stats::spread(&costs[2])[1];
    let starts: Vec<f64> = (0..rounds.min(STARTS)).map(|_| first_cost(&null) - usual).collect();
    stats::line("starting the template, once a process, ms", &starts);
}
