//! Recorded target catalogs of the Python stack, against ours. What belongs to the stack's own profile runs against its recorded
//! operations: our profile has other ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::harness;

use std::path::Path;

use crate::support::harness::{Answer, Deviations};
use serde_json::{Map, Value, json};
use tecrax::cli::catalog::{Operation, applicability, descriptor, read, stack_profile};
use tecrax::secrets::Redactor;

const FILE: &str = "rexecop/catalog.json";

fn recorded_operations() -> Vec<Operation> {
    serde_json::from_value(harness::read(FILE)["operations"].clone()).expect("descriptors")
}

#[test]
fn conformance_rexecop_catalog() {
    let operations = recorded_operations();
    harness::run(FILE, expectation, |case| {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("catalog.yaml");
        lay_out(case, folder.path(), &path);
        Answer::Value(match read(&path, "tecrax", &Redactor::default()) {
            Ok(catalog) => {
                let answers = catalog.targets.iter().map(|target| {
                    let of = |operation: &Operation| {
                        let mut answer = applicability(operation, target).json();
                        // The shipped catalog was recorded as the command prints it.
                        if case["name"] == "shipped example catalog" {
                            return json!({"applicability": answer, "operation": operation});
                        }
                        assert_eq!(answer.as_object_mut().unwrap().remove("target_id"), Some(json!(target.id)));
                        answer
                    };
                    (target.id.clone(), operations.iter().map(of).collect())
                });
                json!({
                    "version": catalog.version,
                    "catalog_digest": catalog.digest,
                    "operations": answers.collect::<Map<String, Value>>(),
                    "targets": catalog.targets.iter().map(tecrax::cli::catalog::CatalogTarget::json).collect::<Vec<_>>(),
                })
            }
            Err(problem) => {
                let place = problem.place.expect("every refusal says where");
                assert!(place.file.contains(folder.path().to_str().unwrap()), "{place}");
                let whole = ["c59", "c60", "c61"].contains(&case["id"].as_str().unwrap());
                assert_eq!(place.line == 0 && place.column == 0, whole, "{place}: {}", problem.message);
                json!({"error": problem.message.replace(folder.path().to_str().unwrap(), "{dir}")})
            }
        })
    });
}

/// Parts of a binding that have no counterpart. The stack stores a binding in a plan that it makes from a catalog, and compares it when
/// that plan is started. tecrax makes no plan from a catalog: its plans come from manifests and are bound by their own digests.
const UNBOUND: [&str; 3] = ["environment_digest", "profile_digest", "target_descriptor_digest"];

/// What a recorded binding is made of is what we say of the same catalog, as far as it is anything a command says.
#[test]
fn conformance_rexecop_bindings() {
    let operations = recorded_operations();
    let (mut bindings, mut skipped, mut refused) = (0, 0, 0);
    for case in harness::read(FILE)["cases"].as_array().expect("cases") {
        for recorded in case["expect"]["bindings"].as_array().into_iter().flatten() {
            let folder = tempfile::TempDir::new().unwrap();
            let path = folder.path().join("catalog.yaml");
            lay_out(case, folder.path(), &path);
            let catalog = read(&path, "tecrax", &Redactor::default()).unwrap();
            let target = catalog.targets.iter().find(|target| recorded["target"] == target.id.as_str());
            let operation = operations.iter().find(|known| recorded["intent"] == known.id.as_str());
            let (Some(target), Some(operation)) = (target, operation) else {
                assert_eq!(recorded["ok"], false, "nothing is bound to what does not exist");
                refused += 1;
                continue;
            };
            let answer = applicability(operation, target);
            let mut ours = json!({"intent": operation.id, "target": target.id, "applicable": answer.applies(), "status": answer.status.word()});
            let mut theirs = recorded.clone();
            if let Some(binding) = theirs.get_mut("binding").and_then(Value::as_object_mut) {
                for part in UNBOUND {
                    assert!(binding.remove(part).is_some(), "{part}");
                    skipped += 1;
                }
                ours["binding"] = json!({
                    "catalog_digest": catalog.digest,
                    "catalog_version": catalog.version,
                    "environment_id": target.environment_id,
                    "environment_target": target.environment_target,
                    "operation_descriptor_digest": operation.digest,
                    "profile_ref": target.profile_ref,
                    "target_id": target.id,
                });
            }
            assert_eq!(ours, theirs, "{}", case["id"]);
            bindings += 1;
        }
    }
    println!("{FILE} bindings: {bindings} ran, {refused} refused, {skipped} parts skipped {UNBOUND:?}");
    assert_eq!((bindings, refused), (6, 2));
}

/// Intent files of the stack, as `operations --stack-profile` reads them.
#[test]
fn conformance_rexecop_descriptor_cases() {
    harness::run_section(FILE, "descriptor_cases", expectation, |case| {
        let folder = tempfile::TempDir::new().unwrap();
        let root = folder.path().join("profile");
        for part in ["intents", "workflows", "validation_rules"] {
            std::fs::create_dir_all(root.join(part)).unwrap();
        }
        // What stood around every recorded case: the profile's name, and a workflow that reads through two connectors.
        let workflow = json!({"workflow": {"id": "w", "intent": "op_x", "mode": "read_only", "steps": [
            {"id": "a", "type": "connector", "connector": "zz", "action": "r"},
            {"id": "b", "type": "internal", "action": "n"},
            {"id": "c", "type": "connector", "connector": "aa", "action": "r"},
            {"id": "d", "type": "connector", "connector": "zz", "action": "s"},
        ]}});
        assert!(case["workflow_file"].is_null(), "a case with a workflow of its own");
        for (name, content) in [
            ("profile.yaml", json!({"profile_contract": {"name": "dp", "version": "2"}})),
            ("intents/op_x.yaml", case["intent_file"].clone()),
            ("workflows/op_x.yaml", workflow.clone()),
            ("../outside.yaml", workflow),
            ("validation_rules/op_x.yaml", json!({"validation_rule": {}})),
            ("../x.yaml", json!({})),
        ] {
            std::fs::write(root.join(name), content.to_string()).unwrap();
        }
        let profile = stack_profile(&root).expect("a profile");
        Answer::Value(match descriptor(&profile, "op_x") {
            Ok(operation) => json!({"descriptor": operation}),
            Err(problem) => {
                assert!(problem.place.expect("every refusal says where").file.contains("op_x.yaml"));
                json!({"error": problem.message})
            }
        })
    });
}

/// A recorded answer without the type of its error and without the bindings, which have a test of their own.
fn expectation(case: &Value) -> Value {
    let mut expect = case["expect"].as_object().expect("an expectation").clone();
    let ok = expect.remove("ok").expect("a verdict");
    for key in ["bindings", "error_type"] {
        expect.remove(key);
    }
    assert_eq!(ok, json!(!expect.contains_key("error")));
    Value::Object(expect)
}

/// Writes the files of a case.
fn lay_out(case: &Value, folder: &Path, path: &Path) {
    for (name, environment) in case["environments"].as_object().expect("environments") {
        std::fs::write(folder.join(name), environment.to_string()).unwrap();
    }
    let text = match &case["yaml"] {
        Value::Null => case["catalog"].to_string(),
        Value::String(text) => text.clone(),
        long => {
            let part = |key: &str| long[key].as_str().expect("a text");
            let count = usize::try_from(long["count"].as_u64().expect("a count")).unwrap();
            format!("{}{}{}", part("prefix"), part("repeat").repeat(count), part("suffix"))
        }
    };
    match case["name"].as_str().expect("a name") {
        "catalog missing" => {}
        "catalog is a directory" => std::fs::create_dir(path).unwrap(),
        "symlinked catalog" => {
            std::fs::write(folder.join("real.yaml"), text).unwrap();
            std::os::unix::fs::symlink("real.yaml", path).unwrap();
        }
        _ => std::fs::write(path, text).unwrap(),
    }
}

/// The digest of a descriptor covers everything else in it.
#[test]
fn conformance_rexecop_descriptor_digests() {
    let operations = recorded_operations();
    for operation in &operations {
        assert_eq!(operation.digest(), operation.digest, "{}", operation.id);
        let other = Operation { risk: "high".to_owned(), ..operation.clone() };
        assert_ne!(other.digest(), operation.digest, "{}", operation.id);
    }
    println!("{FILE}: {} descriptors", operations.len());
    assert_eq!(operations.len(), 13);
}

/// Another set may stand in for ours; an entry that names nothing must not pass unseen.
#[test]
fn conformance_rexecop_deviations_name_files_of_the_set() {
    let deviations = Deviations::read(&harness::directory());
    for file in deviations.files().filter(|file| file.starts_with("rexecop/")) {
        assert!(harness::directory().join(file).exists(), "{file}");
    }
}
