//! Nothing that was recorded lies unread: every file and every section of one is compared by a test, or `deviations.yaml` says why not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::harness::{self, Deviations};

/// Path and text of every file below `folder` whose name ends so.
fn files(folder: &Path, end: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_string_lossy().ends_with(end) {
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            found.push((path, text));
        }
    }
    found
}

/// Lists of a recorded file.
fn sections(text: &str) -> Vec<String> {
    let content: Value = serde_json::from_str(text).expect("recorded JSON");
    let lists = content.as_object().into_iter().flatten().filter(|(_, value)| value.is_array() || value.is_object());
    lists.map(|(name, _)| name.clone()).collect()
}

/// What a source holds that gives `cases` of its file to [`harness::run`], which knows their key by itself.
const RUNS_CASES: &str = "harness::run(";

/// Sections that no source names beside the whole path of their file, as file and key; a file that none names stands there without a key.
fn unread(recorded: &[(String, Vec<String>)], sources: &[&str]) -> BTreeSet<(String, String)> {
    let mut unread = BTreeSet::new();
    for (file, sections) in recorded {
        let readers: Vec<&&str> = sources.iter().filter(|source| source.contains(&format!("\"{file}\""))).collect();
        if readers.is_empty() {
            unread.insert((file.clone(), String::new()));
            continue;
        }
        let named = |section: &String| {
            let runs = |source: &str| section == "cases" && source.contains(RUNS_CASES);
            readers.iter().any(|source| source.contains(&format!("\"{section}\"")) || runs(source))
        };
        unread.extend(sections.iter().filter(|section| !named(section)).map(|section| (file.clone(), section.clone())));
    }
    unread
}

#[test]
fn conformance_every_section_is_compared_or_has_a_reason() {
    let directory = harness::directory();
    let recorded: Vec<(String, Vec<String>)> = files(&directory, ".json")
        .into_iter()
        .map(|(path, text)| (path.strip_prefix(&directory).expect("below").to_string_lossy().into_owned(), sections(&text)))
        // Their names are made of the names of the normalizers: `conformance_tecrax_normalizers_are_all_compared`.
        .filter(|(file, _)| !file.starts_with("tecrax/normalize/"))
        .collect();
    assert!(recorded.len() >= 15, "only {} files", recorded.len());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let sources = files(&root, ".rs");
    let sources = sources.iter().filter(|(path, _)| !path.ends_with("conformance/sections.rs"));
    let sources: Vec<&str> = sources.map(|(_, text)| text.as_str()).collect();
    assert_eq!(unread(&recorded, &sources), Deviations::read(&directory).sections_without_counterpart());
}

#[test]
fn what_nobody_reads_is_found() {
    let file = |path: &str, sections: &[&str]| {
        (path.to_owned(), sections.iter().map(|section| (*section).to_owned()).collect::<Vec<String>>())
    };
    let recorded = [
        file("x/a.json", &["cases", "one", "two"]),
        file("y/a.json", &["cases", "one"]),
        file("x/b.json", &["cases"]),
        file("x/c.json", &[]),
    ];
    let sources = ["\"x/a.json\" \"one\"", "\"two\" \"cases\" \"x/ab.json\" c.json", "\"x/b.json\" harness::run(FILE"];
    let found = unread(&recorded, &sources);
    let expected = [("x/a.json", "cases"), ("x/a.json", "two"), ("y/a.json", ""), ("x/c.json", "")];
    assert_eq!(found, expected.map(|(file, section)| (file.to_owned(), section.to_owned())).into());
}
