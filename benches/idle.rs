//! Nothing due among 10,000 documents: reading, resolving, comparing, saying so. Goals: under one second, under 150 MB.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

mod support;

use std::path::Path;
use std::process::Command;

use support::{Cost, TECRAX, cost, manifests, stats};

/// Targets; the Check is the last of the 10,000 documents.
const TARGETS: usize = 9_999;
const ROUNDS: usize = 10;
/// 150 MB in MiB.
const MEMORY: f64 = 150e6 / 1_048_576.0;

fn main() {
    let rounds = support::rounds(ROUNDS);
    for (name, per_file, git) in
        [("10 files", 1_000, false), ("10,000 files", 1, false), ("10,000 files in a Git work tree", 1, true)]
    {
        let home = support::empty_dir();
        write(home.path(), per_file);
        if git {
            commit(home.path());
        }
        let state = tempfile::tempdir_in(support::scratch()).expect("a state directory");
        let run = || once(state.path(), home.path());
        let first = run();
        assert!(first.stderr.contains("9999 healthy; ran 9999, fresh 0"), "{}", first.stderr);
        let costs = support::in_turn(
            rounds,
            &mut [&mut || {
                let cost = run();
                assert!(cost.stderr.contains("9999 healthy; ran 0, fresh 9999"), "{}", cost.stderr);
                cost
            }],
        );
        stats::head(&format!("nothing due among 10,000 documents in {name}"), rounds);
        stats::line("the first run, everything due, wall ms", &stats::each(std::slice::from_ref(&first), stats::WALL));
        stats::line("the first run, peak memory MiB", &stats::each(&[first], stats::MEMORY));
        stats::bounded("tecrax reconcile --once, wall ms", &stats::each(&costs[0], stats::WALL), 1_000.0);
        stats::line("CPU ms", &stats::each(&costs[0], stats::CPU));
        stats::bounded("peak memory MiB", &stats::each(&costs[0], stats::MEMORY), MEMORY);
    }
}

fn once(state: &Path, manifests: &Path) -> Cost {
    let mut command = Command::new(TECRAX);
    cost(command.arg("--state-dir").arg(state).args(["reconcile", "--once", "--allow-fixtures"]).arg(manifests))
}

fn write(directory: &Path, per_file: usize) {
    std::fs::write(directory.join("check.yaml"), manifests::CHECK).expect("the check");
    let indices: Vec<usize> = (0..TARGETS).collect();
    for (number, group) in indices.chunks(per_file).enumerate() {
        let text: Vec<String> = group.iter().map(|index| manifests::recorded(*index)).collect();
        std::fs::write(directory.join(format!("targets-{number:05}.yaml")), text.join("---\n")).expect("the targets");
    }
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
