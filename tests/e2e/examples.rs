//! Every example is valid, and those that need no network run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::cli::Home;
use crate::support::log;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 5, "{folders:?}");
    folders
}

#[test]
fn every_example_and_the_default_set_is_valid() {
    let home = Home::new();
    // A catalog is no manifest: tests/cli/inventory.rs runs that folder.
    let manifests = folders().into_iter().filter(|folder| !folder.ends_with("catalogs"));
    for folder in manifests.chain([root().join("manifests")]) {
        let folder = folder.to_str().unwrap();
        let ended = home.run(["validate", folder]);
        assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{folder}: {}", ended.err);
        assert!(ended.err.contains(": 0 errors, ") && !ended.err.contains(" 0 pairs can run"), "{folder}: {}", ended.err);
        // An example may show what a later version brings; any other warning would be a mistake in it.
        let warnings = ended.err.lines().filter(|line| line.starts_with("warning:"));
        let others: Vec<&str> = warnings.filter(|line| !line.ends_with("(NotInEffect)")).collect();
        assert_eq!(others, Vec::<&str>::new(), "{folder}");
        let plan = home.run(["plan", folder]);
        assert_eq!(plan.code, 0, "{folder}: {}", plan.err);
        assert!(plan.out.contains("Missing"), "{folder}: {}", plan.out);
    }
}

#[test]
fn every_example_says_what_it_shows() {
    for folder in folders() {
        let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        assert!(readme.starts_with("# ") && readme.contains("tecrax "), "{}", folder.display());
    }
}

#[test]
fn the_fixture_example_ends_as_its_page_says() {
    let home = Home::new();
    let folder = root().join("examples/fixture");
    let ended = home.run(["reconcile", "--once", "--allow-fixtures", folder.to_str().unwrap()]);
    assert_eq!(ended.code, 2, "{ended:?}");
    let row =
        |name: &str| ended.out.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{}", ended.out)).to_owned();
    assert!(row("full-disk").contains("unhealthy (fixture)") && row("full-disk").contains("ExpectationFailed"));
    assert!(row("half-seen").contains("unknown (fixture)"));
    for row in log::rows(&home.state()).iter().filter(|row| row.kind == "run.v1") {
        assert_eq!(row.body["fixtures"], true, "evidence says so");
    }
    let without = Home::new();
    let ended = without.run(["reconcile", "--once", folder.to_str().unwrap()]);
    assert_eq!(ended.code, 2);
    assert_eq!(ended.out.matches("FixturesNotAllowed").count(), 2, "{}", ended.out);
    log::verify(&home.state());
}

#[test]
fn the_policy_example_ends_as_its_page_says() {
    let home = Home::new();
    let folder = root().join("examples/policy");
    let folder = folder.to_str().unwrap();
    let plan = home.run(["plan", folder]);
    let row =
        |check: &str| plan.out.lines().find(|line| line.starts_with(check)).unwrap_or_else(|| panic!("{}", plan.out)).to_owned();
    assert!(row("inventory").ends_with("admitted by default/production-readonly/inventory"), "{}", plan.out);
    assert!(row("ntp").ends_with("denied by default/production-readonly"), "{}", plan.out);
    let ended = home.run(["reconcile", "--once", folder]);
    assert_eq!(ended.code, 2, "{ended:?}");
    let described = home.tecrax("describe inventory.localhost").out;
    for bound in
        ["receipt", "output_digest_required", "max_steps:9", "max_output_bytes:8192", "max_total_bytes:65536", "timeout_ms:30000"]
    {
        assert!(described.contains(bound), "{bound}: {described}");
    }
    let run = &log::runs(&home.state(), "default/inventory.localhost")[0];
    for reading in run["readings"].as_array().unwrap() {
        assert!(reading["outcome"] == "ok" && reading["output_digest"].is_string(), "{run:#}");
    }
    let kinds: Vec<String> =
        log::rows(&home.state()).into_iter().filter(|row| row.pair == "default/ntp.localhost").map(|row| row.kind).collect();
    assert_eq!(kinds, ["denial.v1"]);
    let policy = home.tecrax("describe policy/production-readonly").out;
    assert!(policy.contains("Pairs:         2") && policy.contains("nothing-critical"), "{policy}");
    log::verify(&home.state());
}

#[test]
fn the_default_set_answers_for_this_machine() {
    let home = Home::new();
    let ended = home.run(["reconcile", "--once", root().join("manifests").to_str().unwrap()]);
    let checks: BTreeSet<&str> = ended.out.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(checks, BTreeSet::from(["inventory", "ntp", "security-posture"]), "{ended:?}");
    // What a machine can not answer is unknown and says what to do; nothing else is a failure of the program.
    assert!(matches!(ended.code, 0..=2), "{ended:?}");
    let inventory = &log::runs(&home.state(), "default/inventory.localhost")[0];
    assert!(inventory["readings"].as_array().unwrap().iter().all(|reading| reading["outcome"] == "ok"), "{inventory:#}");
    for run in log::rows(&home.state()).iter().filter(|row| row.kind == "run.v1" && row.body["assessment"] == "unknown") {
        for finding in run.body["findings"].as_array().unwrap().iter().filter(|finding| finding["reasonCode"] == "Unsupported") {
            assert!(finding["nextStep"].as_str().is_some_and(|step| !step.is_empty()), "{finding:#}");
        }
    }
    log::verify(&home.state());
}
