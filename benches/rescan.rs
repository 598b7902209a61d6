//! Looking again at manifests that nobody touched: by stamps, beside reading their content.
//!
//!     cargo bench --bench rescan
//!
//! Goals: 1,100 files by stamps in well under a second (200 ms), 10,000 files in a second; both on one core.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::print_stdout, reason = "it prints figures")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use support::stats::{at_most, head, line};
use tecrax::source::{Follower, Look};

/// Figures of each contender, in turn.
const ROUNDS: usize = 15;
/// Targets in a file.
const TARGETS: usize = 10;

fn fill(directory: &Path, files: usize) {
    for file in 0..files {
        let mut text = String::new();
        for target in 0..TARGETS {
            write!(
                text,
                "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: t{file}-{target}, labels: {{site: fra}}}}\n\
                 spec: {{type: Host, connections: [{{name: os, ssh: {{host: t{file}-{target}.example.net}}}}]}}\n"
            )
            .unwrap();
        }
        let below = directory.join(format!("{:02}", file % 50));
        fs::create_dir_all(&below).unwrap();
        fs::write(below.join(format!("{file}.yaml")), text).unwrap();
    }
}

fn measure(files: usize, goal: f64) {
    let home = support::empty_dir();
    fill(home.path(), files);
    // Long after everything was written.
    let now = Timestamp::now() + SignedDuration::from_mins(1);
    let mut follower = Follower::new(vec![home.path().to_owned()]);
    let began = Instant::now();
    assert!(follower.look(Look::Stamps, now).is_some());
    let first = began.elapsed().as_secs_f64() * 1e3;
    let (mut stamps, mut content) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (look, figures) in [(Look::Stamps, &mut stamps), (Look::Content, &mut content)] {
            let began = Instant::now();
            assert!(follower.look(look, now).is_none());
            figures.push(began.elapsed().as_secs_f64() * 1e3);
        }
    }
    head(&format!("{files} files, {} Targets, nothing touched", files * TARGETS), ROUNDS);
    line("first look, ms", &[first]);
    at_most("by stamps, ms", &stamps, goal);
    line("by content, ms", &content);
}

fn main() {
    measure(1_100, 200.0);
    measure(10_000, 1_000.0);
}
