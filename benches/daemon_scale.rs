//! The daemon with 1,000 to 100,000 pairs that answer from recordings: start, start lag, processor, memory, disk, a rescan without news.
//!
//! `TECRAX_BENCH_SHAPES=100x100,10000x1` names Targets and Checks of the fleets; `TECRAX_BENCH_SECONDS` is how long each is looked at;
//! `TECRAX_BENCH_PLOT` a directory for the plot of how processor and memory grow.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]
#![allow(clippy::cast_precision_loss, reason = "figures are for reading")]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use support::daemon::{Daemon, Window};
use support::manifests::Recorded;
use support::plot::{Series, log_log};
use support::starts::{lags, quantile, statuses};

/// Targets and Checks. Those with a hundred Checks each grow by ten; the last one has as many documents as pairs.
const SHAPES: &str = "10x100,100x100,1000x100,10000x1";
const SECONDS: u64 = 120;
const INTERVAL: Duration = Duration::from_mins(1);
/// Rescans without news that are timed.
const RESCANS: usize = 3;

/// What a fleet came to.
struct Figures {
    pairs: usize,
    core: f64,
    rss: f64,
}

fn main() {
    let shapes = std::env::var("TECRAX_BENCH_SHAPES").unwrap_or_else(|_| SHAPES.to_owned());
    let seconds = std::env::var("TECRAX_BENCH_SECONDS").map_or(SECONDS, |text| text.parse().expect("seconds"));
    let shapes = shapes.split(',').map(|shape| {
        let (targets, checks) = shape.split_once('x').expect("TARGETSxCHECKS");
        (targets.parse().expect("Targets"), checks.parse().expect("Checks"))
    });
    let figures: Vec<(usize, Figures)> = shapes.map(|(targets, checks)| (checks, measure(targets, checks, seconds))).collect();
    let grown: Vec<&Figures> = figures.iter().filter(|(checks, _)| *checks == 100).map(|(_, figures)| figures).collect();
    if grown.len() > 1 {
        growth(&grown);
    }
}

fn measure(targets: usize, checks: usize, seconds: u64) -> Figures {
    let home = support::empty_dir();
    let state = tempfile::tempdir_in(support::scratch()).expect("a state directory");
    let manifests = home.path().join("manifests");
    let files = write(&manifests, targets, checks);
    let pairs = targets * checks;
    println!("\n{pairs} pairs: {targets} Targets x {checks} Checks in {files} files, every {} s", INTERVAL.as_secs());
    let mut daemon = Daemon::start(state.path(), &manifests);
    line("from the start to the first run, nothing known before, s", daemon.until("tecrax_runs_total", 1.0, 120));
    line("until every pair has run once, s", daemon.until("tecrax_runs_total", pairs as f64, 600));
    let peak = support::daemon::Usage::of(daemon.pid()).peak;
    line("largest resident set so far, MiB", peak);
    // After the first run the next slot is half an interval away at least, and one and a half at most.
    std::thread::sleep(INTERVAL * 3 / 2);
    let (before, from, runs) = (statuses(state.path()), Timestamp::now(), daemon.sum("tecrax_runs_total"));
    let window = Window::of(&[daemon.pid()], seconds).remove(0);
    let (runs, until) = (daemon.sum("tecrax_runs_total") - runs, Timestamp::now());
    assert_eq!(before, statuses(state.path()), "steady state changed a status");
    line("runs a second", runs / window.seconds);
    line("share of one core", window.core());
    line("processor, ms a run", window.cpu * 1e3 / runs);
    line("resident set, median MiB", support::stats::spread(&window.rss)[1]);
    line("resident set, largest MiB in this time", window.rss_max());
    line("written to disk, bytes a run", window.written / runs);
    line("a rescan without news, ms", daemon.rescan(RESCANS) * 1e3);
    line("largest resident set of all, MiB", support::daemon::Usage::of(daemon.pid()).peak);
    line("from SIGTERM to the end, s", daemon.stop());
    let lags: Vec<f64> = lags(state.path(), INTERVAL, from);
    println!("  {} starts from {from:.0} to {until:.0}", lags.len());
    for (name, share) in [("median", 0.5), ("p99", 0.99), ("largest", 1.0)] {
        line(&format!("start lag, {name}, ms"), quantile(&lags, share));
    }
    let mut daemon = Daemon::start(state.path(), &manifests);
    line("from a start with all that to the first due run, s", daemon.until("tecrax_runs_total", 1.0, 120));
    std::thread::sleep(Duration::from_secs(2));
    line("largest resident set after it, MiB", support::daemon::Usage::of(daemon.pid()).peak);
    line("from SIGTERM to the end, s", daemon.stop());
    Figures { pairs, core: window.core(), rss: window.rss_max() }
}

fn line(name: &str, value: f64) {
    println!("  {name:<62} {value:>10.3}");
}

/// Processor and memory beside the pairs: a table, and a plot where one is wanted.
fn growth(figures: &[&Figures]) {
    println!("\n  {:>9} {:>14} {:>14} {:>16} {:>16}", "pairs", "share of core", "MiB", "core, x smallest", "MiB, x smallest");
    let first = figures[0];
    for one in figures {
        let (core, rss) = (one.core / first.core, one.rss / first.rss);
        println!("  {:>9} {:>14.4} {:>14.1} {core:>16.1} {rss:>16.1}", one.pairs, one.core, one.rss);
    }
    let Ok(directory) = std::env::var("TECRAX_BENCH_PLOT") else { return };
    let of = |name, value: fn(&Figures) -> f64| Series {
        name,
        points: figures.iter().map(|one| (one.pairs as f64, value(one))).collect(),
        reference: false,
    };
    let proportional = |value: fn(&Figures) -> f64| Series {
        name: "as the pairs",
        points: figures.iter().map(|one| (one.pairs as f64, value(first) * one.pairs as f64 / first.pairs as f64)).collect(),
        reference: true,
    };
    let core: fn(&Figures) -> f64 = |one| one.core * 100.0;
    let rss: fn(&Figures) -> f64 = |one| one.rss;
    for (file, title, unit, name, value) in [
        ("daemon-cpu.svg", "Processor time of the daemon, each pair every 60 s", "% of one core", "measured", core),
        ("daemon-memory.svg", "Resident set of the daemon, each pair every 60 s", "MiB", "measured", rss),
    ] {
        let svg = log_log(title, "pairs", unit, &[of(name, value), proportional(value)]);
        std::fs::write(Path::new(&directory).join(file), svg).expect("the plot");
    }
}

/// Writes a file for every hundredth part of the Targets, but never more than a thousand, and one for each Check.
fn write(directory: &Path, targets: usize, checks: usize) -> usize {
    std::fs::create_dir(directory).expect("a directory");
    for check in 0..checks {
        let text = format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: clock-{check:03}}}\nspec: {{intent: {}, interval: {}s, targetSelector: \
             {{matchLabels: {{bench: \"yes\"}}}}}}\n",
            Recorded::Clock.intent(),
            INTERVAL.as_secs()
        );
        std::fs::write(directory.join(format!("check-{check:03}.yaml")), text).expect("a Check");
    }
    let each = targets.div_ceil(1000);
    let mut files = checks;
    for first in (0..targets).step_by(each) {
        let mut text = String::new();
        for target in first..targets.min(first + each) {
            write!(text, "---\n{}", Recorded::Clock.target(target)).expect("a text");
        }
        std::fs::write(directory.join(format!("target-{first:05}.yaml")), text).expect("Targets");
        files += 1;
    }
    files
}
