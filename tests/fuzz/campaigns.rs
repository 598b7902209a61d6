//! What docs/campaigns.md says of every entry.

use std::collections::BTreeSet;

use crate::fuzz::ENTRIES;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/campaigns.md");
/// Inputs that a campaign has.
const MILLION: u64 = 1_000_000;

/// The words in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_entry_has_its_million_or_is_named_as_not_run_yet() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("Fuzzing, coverage-guided")).unwrap();
    let mut run: Vec<&str> = Vec::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let entry = quoted(row).next().unwrap();
        let inputs: u64 = row.split('|').nth(2).unwrap().trim().parse().unwrap();
        assert!(inputs >= MILLION, "{entry} has had {inputs} inputs");
        run.push(entry);
    }
    let waiting: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("Not run yet: ")).flat_map(quoted).collect();
    let named: BTreeSet<&str> = run.iter().chain(&waiting).copied().collect();
    assert_eq!(named.len(), run.len() + waiting.len(), "an entry stands twice on the page: {run:?}, {waiting:?}");
    let entries: BTreeSet<&str> = ENTRIES.iter().map(|entry| entry.name).collect();
    assert_eq!(
        named, entries,
        "docs/campaigns.md (left) and the entries (right) differ: run `fuzz/run ENTRY`, or name it as not run yet"
    );
}
