//! What `sclite-core`, the verifier of the Python stack, makes of the reaction chains that an export holds. Installs it from PyPI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::cli::Home;
use crate::support::hosts::{INVENTORY, host};
use crate::support::sclite::{python, run};
use serde_json::{Value, json};

/// The version that knows reactions; later ones do not.
const VERSION: &str = "1.0.5";

/// A healthy host, a full one and one that can not be read in part, exported.
fn exported() -> Home {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    home.write("hosts.yaml", &[host("full", Some(95)), host("good", Some(50)), host("half", None)].concat());
    home.once();
    home.tecrax("reconcile --once --force --allow-fixtures manifests");
    let export = home.tecrax("evidence export out");
    assert_eq!((export.code, export.out.as_str()), (0, ""), "{export:?}");
    home
}

/// The chains of a pair, in order.
fn chains(home: &Home, pair: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(home.path("out/reactions/default").join(pair)) else { return Vec::new() };
    let mut chains: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    chains.sort_by_key(|path| path.file_name().unwrap().to_str().unwrap().parse::<u64>().unwrap());
    chains
}

fn read(directory: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(directory.join(name)).unwrap()).unwrap()
}

fn judged(chains: &[PathBuf]) -> Value {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sclite/reactions.py");
    serde_json::from_str(&run(Command::new(python(VERSION)).arg("-I").arg(driver).args(chains), "see the driver")).unwrap()
}

#[test]
fn upstream_accepts_the_chains_of_an_export() {
    let home = exported();
    assert!(chains(&home, "inventory.good").is_empty(), "the healthy path seals none");
    let all: Vec<PathBuf> = ["inventory.full", "inventory.half"].into_iter().flat_map(|pair| chains(&home, pair)).collect();
    let said = judged(&all);
    let (mut reruns, mut calls) = (0, 0);
    for chain in &all {
        let plan = read(chain, "03_reaction_plan.json");
        let said = &said[chain.to_str().unwrap()];
        assert_eq!(said["chain"], "passed", "{chain:?}: {said}");
        let observation = read(chain, "01_observation.json");
        assert!(observation["facts"]["verdict"]["assessment"].is_string(), "{observation}");
        match plan["outcome"].as_str().unwrap() {
            "escalate" => {
                calls += 1;
                assert_eq!(said["proposal"], "passed", "{said}");
                let proposal = read(chain, "escalation_proposal.json");
                assert_eq!(proposal["authority"]["may_execute"], false);
                assert_eq!(proposal["reaction_id"], plan["reaction_id"]);
                let explanation = proposal["explanation"].as_str().unwrap();
                assert!(explanation.chars().count() <= 768 && explanation.contains("findings="), "{explanation}");
            }
            "retry_intent" | "run_intent" => {
                reruns += 1;
                assert_eq!(said["proposal"], Value::Null);
                assert_eq!(plan["admission"]["status"], "admitted");
            }
            other => panic!("{other}"),
        }
    }
    assert!(reruns > 0 && calls > 0, "{reruns} reruns, {calls} calls");
    let verify = home.tecrax("evidence verify out");
    assert_eq!(verify.code, 0, "{verify:?}");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/evidence/export/check.py");
    run(Command::new("python3").arg("-I").arg(script).arg(home.path("out")), "the script that comes with the export");
}

#[test]
fn a_chain_that_was_changed_is_accepted_by_nobody() {
    let home = exported();
    let chain = chains(&home, "inventory.full").pop().expect("a chain");
    for (file, from, to) in [
        ("02_finding.json", "\"summary\": \"", "\"summary\": \"X"),
        ("escalation_proposal.json", "\"explanation\": \"", "\"explanation\": \"X"),
    ] {
        let text = fs::read_to_string(chain.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        fs::write(chain.join(file), text.replacen(from, to, 1)).unwrap();
        let verify = home.tecrax("evidence verify out");
        assert!(verify.code == 1 && verify.out.contains(&format!("{file}: it is not the artifact")), "{verify:?}");
        if file == "02_finding.json" {
            let said = judged(std::slice::from_ref(&chain));
            let said = &said[chain.to_str().unwrap()]["chain"];
            assert_eq!(*said, json!("ChainVerificationError: entry[1] descriptor mismatch for 02_finding.json"));
        }
        fs::write(chain.join(file), text).unwrap();
    }
    assert_eq!(home.tecrax("evidence verify out").code, 0);
}
