//! What `sclite-core`, the verifier of the Python stack, makes of bundles that real runs wrote. Installs it from PyPI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::cli::Home;
use crate::support::export::{Exported, runs};
use crate::support::hosts::{INVENTORY, host};
use crate::support::sclite::{python, run};
use serde_json::Value;
use tempfile::TempDir;

/// What this version says of each bundle, by name.
fn judged(version: &str, bundles: &[(String, Exported)]) -> Value {
    let directory = TempDir::new().unwrap();
    let paths: Vec<PathBuf> = bundles.iter().map(|(name, _)| directory.path().join(name)).collect();
    for ((_, bundle), path) in bundles.iter().zip(&paths) {
        bundle.write(path);
    }
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sclite/driver.py");
    let mut command = Command::new(python(version));
    let said: Value = serde_json::from_str(&run(command.arg("-I").arg(driver).args(&paths), "see the driver")).unwrap();
    assert_eq!(said["version"], version);
    said["bundles"].clone()
}

/// Runs of this machine and of recorded hosts: complete, partial, failed, and a rerun of each that was not healthy.
fn bundles() -> Vec<(String, Exported)> {
    let home = Home::new();
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests");
    for entry in fs::read_dir(manifests).unwrap() {
        let path = entry.unwrap().path();
        home.write(path.file_name().unwrap().to_str().unwrap(), &fs::read_to_string(&path).unwrap());
    }
    home.write("lab.yaml", &INVENTORY.replace("name: inventory}", "name: disk}"));
    home.write("whole.yaml", &host("whole", Some(50)));
    home.write("full.yaml", &host("full", Some(95)));
    home.write("partial.yaml", &host("partial", None));
    // Nothing listens on port 1 of this machine.
    home.write(
        "dead.yaml",
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: dead, labels: {site: lab}}\nspec:\n  type: Host\n  \
         connections:\n  - {name: os, ssh: {host: 127.0.0.1, port: 1, user: nobody}}\n",
    );
    let ended = home.once();
    assert!([0, 1, 2].contains(&ended.code), "{ended:?}");
    let named = |run: Exported| {
        let pair = run.header.subject.to_string();
        let name = pair.strip_prefix("default/").unwrap_or(&pair).to_owned();
        (format!("{name}-{}", run.header.seq), run)
    };
    runs(&home.state(), "").into_iter().map(named).collect()
}

fn status(run: &Exported) -> String {
    run.part("execution_receipt")["outcome"]["status"].as_str().unwrap().to_owned()
}

#[test]
fn both_versions_accept_what_real_runs_wrote() {
    let bundles = bundles();
    for wanted in ["inventory.localhost-1", "ntp.localhost-1", "security-posture.localhost-1", "disk.whole-1"] {
        assert!(bundles.iter().any(|(name, _)| name == wanted), "{wanted}");
    }
    let of = |name: &str| &bundles.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}")).1;
    assert_eq!((status(of("disk.dead-1")), status(of("disk.partial-1"))), ("failed".to_owned(), "completed".to_owned()));
    assert_eq!(of("disk.partial-1").body["coverage"], "partial");
    assert_eq!(of("disk.full-3").body["depth"], 1, "a rerun");
    let (old, new) = (judged("1.0.5", &bundles), judged("2.0.1", &bundles));
    for (name, run) in &bundles {
        let (old, new) = (&old[name], &new[name]);
        for said in [old, new] {
            assert_eq!(said["root"], run.body["root"], "{name}");
        }
        assert_eq!(old["review"], "pass", "{name}: {old:#}");
        for profile in ["lifecycle", "evidence_strict", "guarded"] {
            assert_eq!(old[profile], "pass", "{name} {profile}: {old:#}");
        }
        // 2.0.1 gives no run that failed more than `review`, by design.
        let best = if status(run) == "completed" { "pass" } else { "review" };
        for profile in ["review", "lifecycle", "evidence_strict"] {
            assert_eq!(new[profile], best, "{name} {profile}: {new:#}");
        }
        let guarded = new["guarded"].as_str().unwrap();
        let refused = guarded.starts_with("SecureBundleError: ");
        assert!(if best == "pass" { guarded == "pass" } else { refused }, "{name}: {new:#}");
        // The record in the bundle is what 1.0.5 says of it.
        assert_eq!(old["record_is_theirs"], true, "{name}");
    }
}

#[test]
fn a_bundle_that_was_changed_is_accepted_by_nobody() {
    let mut bundles: Vec<(String, Exported)> =
        bundles().into_iter().filter(|(name, _)| name == "disk.whole-1" || name == "disk.dead-1").collect();
    for version in ["1.0.5", "2.0.1"] {
        let directory = TempDir::new().unwrap();
        for (name, bundle) in &mut bundles {
            let path = directory.path().join(&*name);
            bundle.write(&path);
            let receipt = path.join("05_execution_receipt.json");
            let text = fs::read_to_string(&receipt).unwrap();
            fs::write(&receipt, text.replacen("\"attempts\": 1", "\"attempts\": 2", 1)).unwrap();
            assert_ne!(text, fs::read_to_string(&receipt).unwrap());
            let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sclite/driver.py");
            let said: Value =
                serde_json::from_str(&run(Command::new(python(version)).arg("-I").arg(driver).arg(&path), "see the driver"))
                    .unwrap();
            assert_eq!(said["bundles"][&*name]["review"], "fail", "{said:#}");
        }
    }
}
