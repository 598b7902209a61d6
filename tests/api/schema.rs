//! Every sample is valid, and the editor schemas are closed.

use std::collections::BTreeSet;
use std::fs;

use crate::support::schemas::{documents, editor, modeline, root, strict, to_json, typed, value, yaml_blocks, yaml_files};
use serde_json::{Value, json};
use tecrax::api;

/// (where, text) of every sample document, those in the pages of the kinds included.
fn samples() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for directory in ["manifests", "examples"] {
        for path in manifests(directory) {
            for (index, text) in documents(&fs::read_to_string(&path).unwrap()).into_iter().enumerate() {
                found.push((format!("{} #{index}", path.display()), text));
            }
        }
    }
    for page in pages() {
        for block in yaml_blocks(&fs::read_to_string(&page).unwrap()) {
            for (index, text) in documents(&block).into_iter().enumerate() {
                found.push((format!("{} #{index}", page.display()), text));
            }
        }
    }
    found
}

/// The manifests of a directory of the repository; a catalog of the Python stack is none.
fn manifests(directory: &str) -> Vec<std::path::PathBuf> {
    yaml_files(&root().join(directory))
        .into_iter()
        .filter(|path| !path.components().any(|part| part.as_os_str() == "catalogs"))
        // Tables of `tecrax policy test` are no manifests.
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("apiVersion: test.tecrax.io/"))
        .collect()
}

fn pages() -> Vec<std::path::PathBuf> {
    let mut pages: Vec<_> = fs::read_dir(root().join("docs/spec")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

fn written_by_tecrax(document: &Value) -> Option<&'static str> {
    match document["kind"].as_str() {
        Some("Observation") => Some("observation.schema.json"),
        Some("Escalation") => Some("escalation.schema.json"),
        _ => None,
    }
}

#[test]
fn every_sample_is_valid_and_survives_a_round_trip() {
    let combined = editor(api::schema::COMBINED);
    let samples = samples();
    assert!(samples.len() >= 20, "only {} samples found", samples.len());
    for (place, text) in samples {
        let loose = value(&text).unwrap_or_else(|error| panic!("{place}: {error}"));
        if let Some(file) = written_by_tecrax(&loose) {
            let errors: Vec<String> = editor(file).iter_errors(&loose).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert!(errors.is_empty(), "{place}: {errors:?}");
            continue;
        }
        let errors: Vec<String> = combined.iter_errors(&loose).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{place}: {errors:?}");
        let object = strict(&text).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(typed(&text).unwrap_or_else(|error| panic!("{place}: {error}")), object, "{place}");
        let json = to_json(&object);
        let again = strict(&serde_json::to_string(&json).unwrap()).unwrap();
        assert_eq!(again, object, "{place}");
        assert_eq!(to_json(&again), json, "{place}");
        assert!(combined.is_valid(&json), "{place}: what serializes is not valid");
    }
}

#[test]
fn every_sample_file_starts_with_the_modeline() {
    let mut count = 0;
    for (directory, depth) in [("manifests", 1), ("examples", 2)] {
        for path in manifests(directory) {
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(text.lines().next(), Some(modeline(depth).as_str()), "{}", path.display());
            count += 1;
        }
    }
    assert!(count >= 10, "only {count} files");
}

#[test]
fn every_example_folder_has_a_readme_and_a_manifest() {
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(readme.starts_with("# ") && readme.contains("tecrax reconcile"), "{}", folder.display());
        assert!(!yaml_files(&folder).is_empty(), "{}", folder.display());
    }
}

#[test]
fn every_kind_has_a_page_with_an_example_of_every_field() {
    let schemas = api::schema::render();
    for (file, text) in &schemas {
        let Some(kind) = file.strip_suffix(".schema.json").filter(|kind| !["tecrax", "webhook"].contains(kind)) else { continue };
        let schema: Value = serde_json::from_str(text).unwrap();
        let page = fs::read_to_string(root().join(format!("docs/spec/{kind}.md"))).unwrap_or_else(|e| panic!("{kind}: {e}"));
        let mut shown = BTreeSet::new();
        for block in yaml_blocks(&page) {
            for text in documents(&block) {
                paths(&value(&text).unwrap()["spec"], "", &mut shown);
            }
        }
        let mut all = BTreeSet::new();
        fields(&schema["properties"]["spec"], "", &mut all);
        let missing: Vec<&String> = all.difference(&shown).collect();
        assert!(missing.is_empty(), "docs/spec/{kind}.md shows no {missing:?}");
    }
}

fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = format!("{path}.{key}");
                paths(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, &format!("{path}[]"), found)),
        _ => {}
    }
}

/// Every field of a schema. The template of a TargetSet is a Target, and a reference or value source is shown once on its page.
fn fields(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let stop = path.starts_with(".template.spec.") || name.ends_with("From") || name.ends_with("Ref");
        if !stop {
            fields(property, &path, found);
        }
        if !path.starts_with(".template.spec.") || path == ".template.spec.connections" {
            found.insert(path);
        }
    }
    if let Some(items) = schema.get("items") {
        fields(items, &format!("{path}[]"), found);
    }
}

#[test]
fn schemas_are_valid_draft_2020_12_and_closed() {
    for (file, text) in api::schema::render() {
        let schema: Value = serde_json::from_str(&text).unwrap();
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{file}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert!(!text.contains("\"x-"), "{file} holds a mark");
        // Later versions tell receivers more, and they must not mind.
        if file != "webhook.schema.json" {
            closed(&schema, &file);
        }
    }
}

/// Every object with fields refuses other fields. Parts of a union (`oneOf`, `not`) only ask for presence.
fn closed(schema: &Value, path: &str) {
    if schema["type"] == json!("object") || schema["type"] == json!(["object", "null"]) {
        let closed = schema["additionalProperties"] == json!(false) || schema["additionalProperties"].is_object();
        assert!(closed, "{path} is open");
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        closed(property, &format!("{path}.{name}"));
    }
    for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
        closed(definition, &format!("{path}#{name}"));
    }
    if schema["items"].is_object() {
        closed(&schema["items"], &format!("{path}[]"));
    }
}

#[test]
fn a_list_of_manifests_is_a_manifest() {
    let combined = editor(api::schema::COMBINED);
    let target: Value = value("{apiVersion: tecrax.io/v1alpha1, kind: Target, metadata: {name: a}, spec: {type: Host}}").unwrap();
    assert!(combined.is_valid(&json!({"apiVersion": "v1", "kind": "List", "items": [target, target]})));
    assert!(!combined.is_valid(&json!({"apiVersion": "v1", "kind": "List", "items": [{"kind": "Target"}]})));
}
