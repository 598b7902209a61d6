//! `crds/`, `schemas/` and `docs/reasons.md` are what the types say. `UPDATE=1` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tecrax::api;

const COMMAND: &str = "UPDATE=1 cargo test --test api generated::";

fn root(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)
}

/// Compares `files` with what `directory` holds, both ways.
fn assert_same(directory: &str, files: &[(String, String)]) {
    let directory = root(directory);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(&directory).unwrap();
        for (name, text) in files {
            fs::write(directory.join(name), text).unwrap();
        }
    }
    for (name, text) in files {
        let path = directory.join(name);
        let on_disk = fs::read_to_string(&path).unwrap_or_default();
        assert!(on_disk == *text, "{} is out of date; run: {COMMAND}", path.display());
    }
    let expected: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for entry in fs::read_dir(&directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(expected.contains(name.as_str()), "{}/{name} is not generated: remove it", directory.display());
    }
}

#[test]
fn crds_are_what_the_types_say() {
    assert_same("crds", &api::crd::render());
}

#[test]
fn editor_schemas_are_what_the_types_say() {
    assert_same("schemas", &api::schema::render());
}

#[test]
fn reasons_page_lists_every_reason() {
    let mut all = api::reason::ALL.to_vec();
    all.sort_unstable();
    let mut page = String::from(
        "# Reasons\n\nEvery reason that a condition, a finding, a reaction or a problem can carry. Reasons are API: scripts may match on\n\
         them, and none changes its meaning. Generated from `src/api/reason.rs`.\n\n| reason | meaning |\n|---|---|\n",
    );
    for (word, sentence) in &all {
        writeln!(page, "| `{word}` |{} |", sentence.replace('|', "\\|")).unwrap();
    }
    let path = root("docs/reasons.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(root("docs")).unwrap();
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page, "docs/reasons.md is out of date; run: {COMMAND}");
}

#[test]
fn reasons_are_unique_camel_case_and_explained() {
    let mut seen = BTreeSet::new();
    for (word, sentence) in api::reason::ALL {
        assert!(seen.insert(*word), "{word} twice");
        assert!(word.starts_with(|c: char| c.is_ascii_uppercase()), "{word}");
        assert!(word.chars().all(|c| c.is_ascii_alphanumeric()), "{word}");
        assert!(sentence.trim().ends_with('.'), "{word}: {sentence}");
    }
}
