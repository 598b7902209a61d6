//! What evidence adds to a pass over 200 local Targets, each read for itself. Goal: at most a fifth.
//!
//! Both sides are one build with the feature `bench`; its hidden `--discard-evidence` judges every run and then drops it: nothing
//! is sealed, nothing is committed, no checkpoint is signed.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]

mod support;

use std::path::Path;
use std::process::Command;

use support::{Cost, TECRAX, cost_ending, stats};

const TARGETS: usize = 200;
const ROUNDS: usize = 10;

fn main() {
    let rounds = support::rounds(ROUNDS);
    // Every machine can answer it; another check could end as unknown, and a failed program is not measured.
    for intent in ["collect_basic_host_inventory"] {
        let home = support::empty_dir();
        write(home.path(), intent);
        let costs = support::in_turn(
            rounds,
            &mut [
                &mut || {
                    let cost = once(home.path(), &[], 0);
                    assert!(cost.stderr.contains(&format!("ran {TARGETS}")), "{}", cost.stderr);
                    cost
                },
                &mut || {
                    // Nothing is known afterwards, so everything is unknown.
                    let cost = once(home.path(), &["--discard-evidence"], 2);
                    assert!(cost.stderr.contains("ran 0"), "{}", cost.stderr);
                    cost
                },
            ],
        );
        stats::head(&format!("{TARGETS} local Targets, {intent}, evidence kept and discarded"), rounds);
        for (name, of) in [("wall ms", stats::WALL as fn(&Cost) -> f64), ("CPU ms", stats::CPU)] {
            let [kept, discarded] = [stats::each(&costs[0], of), stats::each(&costs[1], of)];
            stats::line(&format!("kept, {name}"), &kept);
            stats::line(&format!("discarded, {name}"), &discarded);
            stats::ratio(&format!("kept / discarded, {name}"), &kept, &discarded, Some(1.2));
        }
    }
}

/// One pass on a fresh state directory, everything due.
fn once(manifests: &Path, more: &[&str], code: i32) -> Cost {
    let state = tempfile::tempdir_in(support::scratch()).expect("a state directory");
    let mut command = Command::new(TECRAX);
    cost_ending(command.arg("--state-dir").arg(state.path()).args(["reconcile", "--once"]).args(more).arg(manifests), code)
}

fn write(directory: &Path, intent: &str) {
    std::fs::write(directory.join("check.yaml"), support::manifests::check(intent)).expect("the check");
    let targets: Vec<String> = (0..TARGETS)
        .map(|index| {
            format!(
                "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: local-{index:03}, labels: {{bench: \"yes\"}}}}\nspec:\n  \
                 type: Host\n  connections:\n  - name: os\n    local: {{}}\n"
            )
        })
        .collect();
    std::fs::write(directory.join("targets.yaml"), targets.join("---\n")).expect("the targets");
}
