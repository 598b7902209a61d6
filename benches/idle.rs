//! Nothing due among 10,000 documents: reading, resolving, comparing, saying so. Goals: under one second, under 150 MB.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

mod support;

use std::path::Path;
use std::process::Command;

use support::manifests::{Recorded, check};
use support::{Cost, TECRAX, cost, stats};

/// Targets; the Check is the last of the 10,000 documents.
const TARGETS: usize = 9_999;
const ROUNDS: usize = 10;

fn main() {
    let rounds = support::rounds(ROUNDS);
    for (name, recorded, per_file, git) in [
        ("10 files", Recorded::Clock, 1_000, false),
        ("10,000 files", Recorded::Clock, 1, false),
        ("10,000 files in a Git work tree", Recorded::Clock, 1, true),
        ("10 files, documents twice as long", Recorded::Inventory, 1_000, false),
    ] {
        let home = support::empty_dir();
        let bytes = write(home.path(), recorded, per_file);
        if git {
            commit(home.path());
        }
        let state = tempfile::tempdir_in(support::scratch()).expect("a state directory");
        let first = once(state.path(), home.path());
        assert!(first.stderr.contains("9999 healthy; ran 9999, fresh 0"), "{}", first.stderr);
        let costs = support::in_turn(
            rounds,
            &mut [&mut || {
                let cost = once(state.path(), home.path());
                assert!(cost.stderr.contains("9999 healthy; ran 0, fresh 9999"), "{}", cost.stderr);
                cost
            }],
        );
        stats::head(&format!("nothing due among 10,000 documents in {name}, {} kB", bytes / 1000), rounds);
        stats::bounded("tecrax reconcile --once, wall ms", &stats::each(&costs[0], stats::WALL), 1_000.0);
        stats::line("CPU ms", &stats::each(&costs[0], stats::CPU));
        stats::bounded("peak memory MB", &stats::each(&costs[0], stats::MEGABYTES), 150.0);
        stats::line("the first run, everything due, wall ms", &stats::each(std::slice::from_ref(&first), stats::WALL));
        stats::line("the first run, peak memory MB", &stats::each(&[first], stats::MEGABYTES));
    }
}

fn once(state: &Path, manifests: &Path) -> Cost {
    let mut command = Command::new(TECRAX);
    cost(command.arg("--state-dir").arg(state).args(["reconcile", "--once", "--allow-fixtures"]).arg(manifests))
}

/// Writes 10,000 documents; returns their size in bytes.
fn write(directory: &Path, recorded: Recorded, per_file: usize) -> usize {
    let check = check(recorded.intent());
    std::fs::write(directory.join("check.yaml"), &check).expect("the check");
    let mut bytes = check.len();
    let indices: Vec<usize> = (0..TARGETS).collect();
    for (number, group) in indices.chunks(per_file).enumerate() {
        let text: Vec<String> = group.iter().map(|index| recorded.target(*index)).collect();
        let text = text.join("---\n");
        bytes += text.len();
        std::fs::write(directory.join(format!("targets-{number:05}.yaml")), text).expect("the targets");
    }
    bytes
}

fn commit(directory: &Path) {
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "--quiet", "-m", "fleet"],
    ] {
        let status = Command::new("git").arg("-C").arg(directory).args(arguments).status().expect("git");
        assert!(status.success(), "git {arguments:?}");
    }
}
