//! Every intent has its page.

use std::fs;
use std::path::{Path, PathBuf};

use super::PROFILE;
use crate::support::cli::Home;

/// Parts that a page has: of one intent, of several.
const PARTS: [[&str; 2]; 5] = [
    ["## What it reads", "## What they read"],
    ["## What the target must allow", "## What the target must allow"],
    ["## What it never claims", "## What they never claim"],
    ["## Example", "## Example"],
    ["## Troubleshooting", "## Troubleshooting"],
];

pub(super) fn page(topic: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/runbooks/{topic}.md"))
}

#[test]
fn every_runbook_reference_leads_to_a_page() {
    for intent in PROFILE.intents.values() {
        assert!(page(&intent.runbook).is_file(), "{}: there is no docs/runbooks/{}.md", intent.id, intent.runbook);
    }
}

/// Pages say everything, in an order a reader knows; each names its intents in an example, and their contracts.
#[test]
fn pages_have_every_part_for_every_intent() {
    for intent in PROFILE.intents.values() {
        let text = fs::read_to_string(page(&intent.runbook)).unwrap();
        let places: Vec<Option<usize>> =
            PARTS.iter().map(|words| words.iter().find_map(|part| text.find(&format!("\n{part}\n")))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}: {places:?}", intent.id);
        assert!(text.contains(&format!("intent: {}", intent.id)), "{}: no example checks it", intent.id);
        assert!(text.contains(&intent.contract.to_string()), "{}: the contract is not named", intent.id);
    }
}

#[test]
fn examples_of_the_pages_are_valid() {
    for intent in PROFILE.intents.values() {
        let text = fs::read_to_string(page(&intent.runbook)).unwrap();
        let examples: Vec<&str> = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(!examples.is_empty(), "{}: no example", intent.runbook);
        for example in examples {
            let home = Home::new();
            home.write("example.yaml", example);
            let ended = home.tecrax("validate manifests");
            assert_eq!(ended.code, 0, "{}: {}", intent.runbook, ended.err);
            assert!(ended.err.contains(": 0 errors, "), "{}: {}", intent.runbook, ended.err);
        }
    }
}
