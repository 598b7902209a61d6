//! Recorded target catalogs of the Python stack, against ours. What belongs to the stack's own profile runs against its recorded
//! operations: our profile has other ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]

#[path = "conformance/harness/mod.rs"]
mod harness;

use std::path::Path;

use harness::{Answer, Deviations};
use serde_json::{Map, Value, json};
use tecrax::cli::catalog::{Operation, applicability, read};
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

/// A recorded answer without the type of its error, and without the bindings that the stack makes when it plans: our plans are
/// bound by digests of their own.
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
