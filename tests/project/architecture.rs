//! The house: stage order, who may use whom, one wall a library, pure stages, short files.
//!
//! The rules are tables in `architecture/rules.rs`; `docs/concepts.md` says what they are for.

mod check;
mod lexer;
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `directory`: path relative to it, and text.
fn sources(directory: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn the_house_keeps_its_rules() {
    let sources = sources(&root().join("src"));
    assert!(sources.len() > 100, "only {} files were found", sources.len());
    let breaches: Vec<String> = sources.iter().flat_map(|(name, text)| check::file(name, text)).collect();
    assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
}

#[test]
fn every_stage_has_its_directory_and_stands_in_flow_order() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let built: Vec<&str> = rules::STAGES.into_iter().filter(|stage| root().join("src").join(stage).is_dir()).collect();
    assert_eq!(declared, built, "src/lib.rs names the stages in flow order");
}

#[test]
fn every_dependency_stands_behind_a_wall() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, after) = manifest.split_once("\n[dependencies]\n").unwrap();
    let section = after.split("\n[").next().unwrap();
    let names: BTreeSet<String> =
        section.lines().filter_map(|line| Some(line.split_once(" = ")?.0.trim().replace('-', "_"))).collect();
    assert!(names.contains("russh"), "the section was not read: {names:?}");
    let missing: Vec<&String> = names.iter().filter(|name| !rules::WALLS.iter().any(|(known, _)| known == name)).collect();
    assert!(missing.is_empty(), "dependencies without a row in WALLS: {missing:?}");
    let used: BTreeSet<String> = sources(&root().join("src"))
        .iter()
        .flat_map(|(_, text)| lexer::paths(text, &[]))
        .filter_map(|path| path.segments.into_iter().next())
        .collect();
    let idle: Vec<&String> = names.iter().filter(|name| !used.contains(*name)).collect();
    assert!(idle.is_empty(), "dependencies that nothing in src/ names: {idle:?}");
}

#[test]
fn tests_are_short_files_too() {
    // Tables of cases may be longer than code, but not by much.
    let long: Vec<String> =
        sources(&root().join("tests")).into_iter().filter(|(_, text)| text.lines().count() > 700).map(|(name, _)| name).collect();
    assert!(long.is_empty(), "{long:?}");
}

/// `tests/run --quick` leaves these two folders out, and promises that the rest needs nothing installed.
#[test]
fn tests_that_need_a_server_or_strace_stand_in_their_folders() {
    let needs = |text: &str| text.contains("support::sshd") || text.contains("support::program");
    let misplaced: Vec<String> = sources(&root().join("tests"))
        .into_iter()
        .filter(|(name, text)| name != "project/architecture.rs" && needs(text))
        .map(|(name, _)| name)
        .filter(|name| !["counts/", "e2e/", "support/", "connect/"].iter().any(|folder| name.starts_with(folder)))
        .collect();
    assert!(misplaced.is_empty(), "they belong to tests/e2e or tests/counts: {misplaced:?}");
}

/// The checker itself: each of these breaches is found, and its harmless neighbour is not.
#[test]
fn breaches_are_found() {
    let cases = [
        // Stage order.
        ("plan/due.rs", "use crate::engine::Engine;", Some("`plan` comes before `engine`")),
        ("plan/due.rs", "use crate::desired::Pair;", None),
        ("plan/due.rs", "use crate::{api, status::{View, Wanted}};", Some("`plan` comes before `status`")),
        ("plan/due.rs", "fn f() -> crate::store::Db { x }", Some("`plan` comes before `store`")),
        ("plan/due.rs", "use crate::\n    facts\n    as seen;", Some("`plan` comes before `facts`")),
        ("plan/due.rs", "use super::super::facts::Facts;", Some("`super` leaves the stage")),
        ("plan/mod.rs", "use super::facts::Facts;", Some("`super` leaves the stage")),
        ("plan/due.rs", "use super::Plan;", None),
        ("connect/ssh/hop.rs", "use super::super::Failure;", None),
        ("connect/ssh/mod.rs", "use super::super::api;", Some("`super` leaves the stage")),
        ("engine/look.rs", "use crate::cli::exit::Exit;", Some("nobody imports `cli`")),
        ("engine/look.rs", "use crate::store::Db; use crate::connect::Session;", None),
        ("plan/due.rs", "use crate::helpers::x;", Some("`crate::helpers` is no stage")),
        ("helpers/mod.rs", "", Some("`helpers` is no stage")),
        ("helpers.rs", "", Some("a file outside every stage")),
        // Effects.
        ("store/db.rs", "use crate::run::Run;", Some("`store` may not use `run`")),
        ("store/db.rs", "use crate::status::PairState;", None),
        ("facts/mod.rs", "use crate::connect::Output;", Some("`facts` may not use `connect`")),
        ("run/round.rs", "use crate::connect::Session;", None),
        ("run/round.rs", "use crate::source::Snapshot;", Some("`run` may not use `source`")),
        ("connect/local.rs", "use crate::source::Snapshot;", Some("`connect` may not use `source`")),
        // Purity.
        ("facts/mod.rs", "use std::fs;", Some("`std::fs` in a pure stage")),
        ("facts/mod.rs", "use std::{collections::BTreeMap, env::var};", Some("`std::env` in a pure stage")),
        ("facts/mod.rs", "let x = ::std::fs::read(p);", Some("`std::fs` in a pure stage")),
        ("facts/mod.rs", "use std::time::{Duration, Instant};", Some("`std::time::Instant` in a pure stage")),
        ("facts/mod.rs", "use std::time::Duration;", None),
        ("status/view.rs", "let now = Timestamp::now();", Some("`Timestamp::now` in a pure stage")),
        ("plan/due.rs", "pub async fn due() {}", Some("`async` in a pure stage")),
        ("plan/due.rs", "use tokio::time::Instant;", Some("`tokio` is used in")),
        ("profile/files.rs", "use std::fs;", None),
        ("profile/model.rs", "use std::fs;", Some("`std::fs` in a pure stage")),
        // Walls.
        ("connect/local.rs", "use russh::client;", Some("`russh` is used in connect/ssh/ only")),
        ("connect/ssh/exec.rs", "use russh::{client, keys::ssh_key};", None),
        ("engine/look.rs", "fn f(e: rusqlite::Error) {}", Some("`rusqlite` is used in store/ only")),
        ("engine/watch.rs", "use notify::Watcher;", Some("`notify` is used in engine/hints.rs only")),
        ("status/view.rs", "#[derive(clap::ValueEnum)]\nenum E {}", Some("`clap` is used in cli/ only")),
        ("desired/build.rs", "use serde_yaml as yaml;", Some("`serde_yaml` is used in")),
        ("desired/build.rs", "use kube;", Some("`kube` is used in api/ only")),
        // Words that only look like code.
        ("plan/due.rs", "// use crate::engine::Engine;\n/* async /* crate::cli:: */ std::fs */", None),
        ("plan/due.rs", "const A: &str = \"crate::engine::x \\\" std::fs\"; const B: char = '\"';", None),
        ("plan/due.rs", "const A: &str = r#\"use russh::client; \"std::fs::x\"#; fn f<'a>(x: &'a str) {}", None),
        ("plan/due.rs", "fn f<'a>(c: char) { c == '\\'' }\nuse crate::engine::E;", Some("due.rs:3: `plan` comes before")),
        ("plan/due.rs", "fn f(&self) -> impl Iterator<Item = u8> + use<'_> { x }\nfn async_like() {}", None),
        ("plan/due.rs", "use crate::api::{self, name::{A, B as C}, *};", None),
    ];
    for (name, code, expected) in cases {
        let found = check::file(name, &format!("//! Doc.\n{code}\n"));
        match expected {
            Some(breach) => assert!(found.iter().any(|line| line.contains(breach)), "{name}: {code}\n{found:?}"),
            None => assert!(found.is_empty(), "{name}: {code}\n{found:?}"),
        }
    }
}

#[test]
fn long_and_silent_files_are_found() {
    let long = |lines: usize| format!("//! Doc.\n{}", "\n".repeat(lines - 1));
    assert!(check::file("plan/due.rs", &long(400)).is_empty());
    assert_eq!(check::file("plan/due.rs", &long(401)), ["plan/due.rs:401: longer than 400 lines; one noun a file"]);
    assert!(check::file("main.rs", &long(20)).is_empty());
    assert!(!check::file("main.rs", &long(21)).is_empty());
    assert!(check::file("plan/mod.rs", "mod due;\n")[0].contains("does not start with `//!`"));
}
