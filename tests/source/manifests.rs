//! Every rule of reading manifests, by fixture: what is wrong, where, and what to do about it.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use tecrax::api::{Object, Severity};
use tecrax::cli::diagnostics::{Style, render};
use tecrax::source::{Snapshot, load};

const FIXTURES: &str = "tests/fixtures/manifests";

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(Path::new(FIXTURES).join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 8, "fixtures are missing");
    files
}

fn read(path: &Path) -> Snapshot {
    load(&[path.to_owned()], None)
}

fn name(object: &Object) -> String {
    match object {
        Object::Target(it) => format!("Target/{}", it.metadata.name),
        Object::TargetSet(it) => format!("TargetSet/{}", it.metadata.name),
        Object::Check(it) => format!("Check/{}", it.metadata.name),
        Object::Policy(it) => format!("Policy/{}", it.metadata.name),
        Object::Sink(it) => format!("Sink/{}", it.metadata.name),
    }
}

fn report(snapshot: &Snapshot, style: Style) -> String {
    let mut out = String::new();
    for document in &snapshot.documents {
        writeln!(out, "good: {} at {}", name(&document.object), document.origin.place()).unwrap();
    }
    writeln!(out, "foreign: {}", snapshot.foreign).unwrap();
    for problem in &snapshot.problems {
        writeln!(out, "\n{}", render(problem, style)).unwrap();
    }
    out
}

#[test]
fn good_fixtures_load_without_a_problem_worse_than_a_note() {
    let mut out = String::new();
    for file in fixtures("good") {
        let snapshot = read(&file);
        assert!(snapshot.problems.iter().all(|problem| problem.severity == Severity::Note), "{:#?}", snapshot.problems);
        writeln!(out, "{}", report(&snapshot, Style { snippet: false, color: false })).unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn bad_fixtures_tell_every_problem() {
    for file in fixtures("bad") {
        let snapshot = read(&file);
        assert!(!snapshot.problems.is_empty(), "{} is good", file.display());
        let plain = report(&snapshot, Style { snippet: false, color: false });
        insta::assert_snapshot!(format!("bad_{}", file.file_name().unwrap().to_str().unwrap()), plain);
    }
}
