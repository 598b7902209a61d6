//! Every intent has its page.

use std::fs;
use std::path::{Path, PathBuf};

use super::PROFILE;
use super::support::cli::Home;

/// Parts that a page of one intent has.
const PARTS: [&str; 5] =
    ["## What it reads", "## What the target must allow", "## What it never claims", "## Example", "## Troubleshooting"];

fn page(topic: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/runbooks/{topic}.md"))
}

#[test]
fn every_runbook_reference_leads_to_a_page() {
    for intent in PROFILE.intents.values() {
        assert!(page(&intent.runbook).is_file(), "{}: there is no docs/runbooks/{}.md", intent.id, intent.runbook);
    }
}

/// Pages of one intent say everything, in an order a reader knows, and name every reading.
#[test]
fn pages_of_one_intent_have_every_part_and_reading() {
    let pages = PROFILE.intents.values().filter(|intent| intent.runbook == intent.id);
    for intent in pages {
        let text = fs::read_to_string(page(&intent.runbook)).unwrap();
        let places: Vec<Option<usize>> = PARTS.iter().map(|part| text.find(part)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}: {places:?}", intent.id);
        assert!(text.contains(&format!("intent: {}", intent.id)), "{}: the example checks something else", intent.id);
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
