//! The defects of the Python stack's profile, row by row: each is decided, and a user is told.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::harness::Deviations;
use crate::support::tested::is_test;

/// Rows of the list.
const ROWS: u32 = 21;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A row is cited by recorded cases with the right answers, or it was decided, with a test that holds the decision.
#[test]
fn every_row_is_decided() {
    let deviations = Deviations::read(&root().join("tests/conformance"));
    let cited = deviations.cited();
    let decided: BTreeSet<u32> = deviations.decisions().iter().map(|decision| decision.row).collect();
    assert_eq!(decided.len(), deviations.decisions().len(), "a row is decided once");
    assert_eq!(cited.intersection(&decided).collect::<Vec<_>>(), Vec::<&u32>::new(), "recorded cases show these");
    assert_eq!(cited.union(&decided).copied().collect::<BTreeSet<_>>(), (1..=ROWS).collect());
    for decision in deviations.decisions() {
        for test in &decision.tests {
            assert!(is_test(test), "row {}: no such test: {test}", decision.row);
        }
    }
}

/// Numbers of the first column of the tables in `page`.
fn told(page: &str) -> BTreeSet<u32> {
    let first = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    first.flat_map(|cell| cell.split(", ")).filter_map(|number| number.parse().ok()).collect()
}

#[test]
fn every_row_is_told_to_users_of_the_stack() {
    let page = fs::read_to_string(root().join("docs/deviations.md")).expect("docs/deviations.md");
    assert_eq!(told(&page), (1..=ROWS).collect());
    assert_eq!(told("| 4, 5 | x |\n| row | 3 |\n|---|\n| 7 | y |"), [4, 5, 7].into());
}

/// Whoever reads the file finds what a cited row means in its head.
#[test]
fn the_legend_names_every_row_that_is_used() {
    let text = fs::read_to_string(root().join("tests/conformance/deviations.yaml")).expect("deviations.yaml");
    let head: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
    let is_named = |row: &u32| {
        head.iter().any(|line| line.split("  ").any(|cell| cell.trim_start_matches('#').trim().starts_with(&format!("{row} "))))
    };
    let missing: Vec<u32> = (1..=ROWS).filter(|row| !is_named(row)).collect();
    assert_eq!(missing, Vec::<u32>::new());
}
