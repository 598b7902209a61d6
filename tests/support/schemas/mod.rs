//! What the `api_*` tests share: reading documents the strict way, and walking schemas.
#![allow(dead_code, reason = "every test file uses a part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use tecrax::api::{self, Object};

/// The first line of every sample, `depth` directories below the root.
pub fn modeline(depth: usize) -> String {
    format!("# yaml-language-server: $schema={}schemas/tecrax.schema.json", "../".repeat(depth))
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn options() -> serde_yaml::Options {
    serde_yaml::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        no_schema: true,
    }
}

/// Untyped reading.
pub fn value(text: &str) -> Result<Value, String> {
    serde_yaml::from_str_with_options(text, options()).map_err(|error| error.to_string())
}

/// Typed reading of YAML text, by the kind it names.
pub fn typed(text: &str) -> Result<Object, String> {
    fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<Box<T>, String> {
        serde_yaml::from_str_with_options(text, options()).map(Box::new).map_err(|error| error.to_string())
    }
    match value(text)?.get("kind").and_then(Value::as_str) {
        Some("Target") => read(text).map(Object::Target),
        Some("TargetSet") => read(text).map(Object::TargetSet),
        Some("Check") => read(text).map(Object::Check),
        Some("Policy") => read(text).map(Object::Policy),
        Some("Sink") => read(text).map(Object::Sink),
        other => Err(format!("kind {other:?}")),
    }
}

/// The types and their bounds, whatever the syntax: JSON turns no `'22'` into a number.
pub fn strict(text: &str) -> Result<Object, String> {
    fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<Box<T>, String> {
        serde_json::from_value(value).map(Box::new).map_err(|error| error.to_string())
    }
    let value = value(text)?;
    if value.get("apiVersion").and_then(Value::as_str) != Some(api::API_VERSION) {
        return Err("apiVersion".into());
    }
    let object = match value.get("kind").and_then(Value::as_str) {
        Some("Target") => Object::Target(read(value)?),
        Some("TargetSet") => Object::TargetSet(read(value)?),
        Some("Check") => Object::Check(read(value)?),
        Some("Policy") => Object::Policy(read(value)?),
        Some("Sink") => Object::Sink(read(value)?),
        other => return Err(format!("kind {other:?}")),
    };
    match api::violations(&object).as_slice() {
        [] => Ok(object),
        found => Err(found.iter().map(|v| format!("{}: {}", v.path, v.message)).collect::<Vec<_>>().join("; ")),
    }
}

pub fn to_json(object: &Object) -> Value {
    match object {
        Object::Target(manifest) => serde_json::to_value(manifest),
        Object::TargetSet(manifest) => serde_json::to_value(manifest),
        Object::Check(manifest) => serde_json::to_value(manifest),
        Object::Policy(manifest) => serde_json::to_value(manifest),
        Object::Sink(manifest) => serde_json::to_value(manifest),
    }
    .unwrap()
}

/// The documents of a stream, comments kept.
pub fn documents(text: &str) -> Vec<String> {
    text.split("\n---\n").map(str::to_owned).collect()
}

/// Every YAML file below `directory`, sorted.
pub fn yaml_files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(yaml_files(&path));
        } else if path.extension().is_some_and(|ext| ext == "yaml" || ext == "yml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The bodies of the fenced `yaml` blocks of a page.
pub fn yaml_blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, tail)) = rest.split_once("```yaml\n") {
        let (body, tail) = tail.split_once("\n```").expect("a fence ends");
        blocks.push(format!("{body}\n"));
        rest = tail;
    }
    blocks
}

/// Name and structural schema of every CRD, as an API server would read the file.
pub fn crds() -> Vec<(String, Value)> {
    static ONCE: LazyLock<Vec<(String, Value)>> = LazyLock::new(|| {
        api::crd::render()
            .into_iter()
            .map(|(_, text)| {
                let crd = value(&text).unwrap();
                let kind = crd.pointer("/spec/names/kind").unwrap().as_str().unwrap().to_owned();
                (kind, crd)
            })
            .collect()
    });
    ONCE.clone()
}

pub fn structural(crd: &Value) -> &Value {
    crd.pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap()
}

/// An editor schema, compiled.
pub fn editor(file: &str) -> jsonschema::Validator {
    let (_, text) = api::schema::render().into_iter().find(|(name, _)| name == file).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}
