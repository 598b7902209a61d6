//! `tests/campaign` reaches every property: whoever writes down how many cases one has leaves the last word to `PROPTEST_CASES`.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Lines with a number of cases that nobody can raise.
fn fixed(text: &str) -> Vec<usize> {
    let number = Regex::new(r"with_cases\(\s*[0-9]|Config \{[^}]*\bcases: *[0-9]").unwrap();
    number.find_iter(text).map(|found| text[..found.start()].lines().count().max(1)).collect()
}

#[test]
fn no_property_has_a_number_of_cases_that_a_campaign_can_not_raise() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open: Vec<PathBuf> = ["src", "tests"].map(|folder| root.join(folder)).to_vec();
    let (mut properties, mut breaches) = (0, Vec::new());
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with(file!()) {
            let text = fs::read_to_string(&path).unwrap();
            properties += usize::from(text.contains("proptest! {"));
            breaches.extend(fixed(&text).into_iter().map(|line| format!("{}:{line}", path.display())));
        }
    }
    assert!(properties > 30, "only {properties} files with properties were found");
    assert!(breaches.is_empty(), "write `cases(N)` of tests/support/cases.rs, or none for 256: {breaches:#?}");
}

#[test]
fn a_fixed_number_is_seen() {
    assert_eq!(fixed("a\n#![proptest_config(ProptestConfig::with_cases(64))]"), [2]);
    assert_eq!(fixed("Config {\n    cases: 4,\n    ..Config::default()\n}"), [1]);
    assert!(fixed("ProptestConfig::with_cases(cases(64)); Config { cases: cases(4), ..x }; fn f(cases: u32) {}").is_empty());
}
