//! `docs/migration.md` maps every command of the Python stack that was recorded, and what it maps them to exists.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::cli::Home;
use serde_json::Value;

/// Programs of the stack, as the page writes them.
const PROGRAMS: [&str; 4] = ["tecrax", "rexecop", "sclite", "govengine-policy"];
/// Commands of `tecrax` there; `rexecop`'s are those that were recorded.
const PROFILE: [&str; 3] = ["fixture-review", "reaction-observation", "status"];

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/migration.md")).unwrap()
}

/// The cells of every row that maps a command: theirs and ours.
fn rows(page: &str) -> Vec<(String, String)> {
    let cells = |line: &str| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        Some((cells.next()?, cells.next()?))
    };
    let rows = page.lines().filter(|line| line.starts_with("| `")).filter_map(cells);
    rows.filter(|(theirs, _)| PROGRAMS.iter().any(|program| theirs.starts_with(&format!("`{program} ")))).collect()
}

/// What stands between backticks.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_recorded_command_has_a_row() {
    let page = page();
    let named: BTreeSet<String> = rows(&page).into_iter().map(|(theirs, _)| theirs.trim_matches('`').to_owned()).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/rexecop/cli.json");
    let set: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut wanted: BTreeSet<String> = PROFILE.iter().map(|name| format!("tecrax {name}")).collect();
    for run in set["runs"].as_array().unwrap() {
        let mut words = run["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap());
        let mut word = words.next().unwrap();
        if word == "--storage" {
            word = words.nth(1).unwrap();
        }
        match word {
            // What nobody has.
            "frobnicate" => {}
            "operations" | "targets" | "worker" => {
                wanted.insert(format!("rexecop {word} {}", words.next().unwrap()));
            }
            _ => {
                wanted.insert(format!("rexecop {word}"));
            }
        }
    }
    let missing: Vec<&String> = wanted.iter().filter(|name| !named.contains(*name)).collect();
    assert!(missing.is_empty(), "docs/migration.md has no row for {missing:?}");
    assert!(wanted.len() > 20, "{wanted:?}");
}

#[test]
fn every_command_of_ours_that_it_names_exists() {
    let home = Home::new();
    let mut asked = BTreeSet::new();
    for (theirs, ours) in rows(&page()) {
        let none = ours.starts_with("none");
        let named = codes(&ours).any(|code| code.starts_with("tecrax ") || code.contains(": "));
        assert!(none || named || ours.contains("SIGTERM") || ours.contains("`retry`"), "{theirs}: {ours}");
        asked.extend(codes(&ours).filter_map(|code| code.strip_prefix("tecrax ")).map(str::to_owned));
    }
    assert!(asked.len() > 15, "{asked:?}");
    for line in asked {
        let (flags, words): (Vec<&str>, Vec<&str>) = line.split(' ').partition(|word| word.starts_with("--"));
        let ended = home.run(words.iter().copied().chain(["--help"]));
        assert_eq!(ended.code, 0, "tecrax {line}: {}", ended.err);
        let usage = if words.is_empty() { "Usage: tecrax".to_owned() } else { format!("Usage: tecrax {}", words.join(" ")) };
        assert!(ended.out.contains(&usage), "tecrax {line}: {}", ended.out);
        for flag in flags {
            assert!(ended.out.contains(flag), "tecrax {line}: no {flag}");
        }
    }
}
