//! The field tables of `docs/spec/` are what the types say. `UPDATE=1` writes them anew.

use std::fmt::Write as _;
use std::fs;

use crate::support::schemas::{crds, root, structural};
use serde_json::Value;

const COMMAND: &str = "UPDATE=1 cargo test --test api docs::";

/// The fields of a value source, explained once on the page of Target.
const VALUE_SOURCE: [&str; 3] = ["file", "secretKeyRef", "configMapKeyRef"];

/// One row a field: path, type, bounds, default, what it means.
fn rows(node: &Value, path: &str, required: bool, skip: &str, table: &mut String) {
    if !path.is_empty() {
        let need = if required { ", required" } else { "" };
        let default = node.get("default").map_or_else(String::new, |default| format!("`{default}`"));
        let text = node["description"].as_str().unwrap_or_default();
        let (text, words) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut text = text.replace('\n', " ");
        for line in words.lines() {
            let (word, meaning) = line.split_once(": ").unwrap();
            write!(text, "<br>`{word}`: {meaning}").unwrap();
        }
        let text = text.replace('|', "\\|");
        writeln!(table, "| `{path}` | {}{need} | {} | {default} | {text} |", kind(node), bounds(node)).unwrap();
    }
    if (!skip.is_empty() && path == skip) || kind(node) == "value source" {
        return;
    }
    let dot = if path.is_empty() { "" } else { "." };
    let needed: Vec<&str> = node["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        rows(property, &format!("{path}{dot}{name}"), needed.contains(&name.as_str()), skip, table);
    }
    if node["items"]["properties"].is_object() {
        let items = &node["items"];
        let needed: Vec<&str> = items["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in items["properties"].as_object().unwrap() {
            rows(property, &format!("{path}[].{name}"), needed.contains(&name.as_str()), skip, table);
        }
    }
}

fn kind(node: &Value) -> String {
    match node["type"].as_str().unwrap() {
        "array" => match node["x-kubernetes-list-type"].as_str() {
            Some("map") => format!("list by {}", node["x-kubernetes-list-map-keys"][0].as_str().unwrap()),
            Some("set") => "set".into(),
            _ => "list".into(),
        },
        "object" if node.get("additionalProperties").is_some() => "map".into(),
        "object" if VALUE_SOURCE.iter().all(|field| node["properties"].get(field).is_some()) => "value source".into(),
        "string" if node.get("enum").is_some() => "word".into(),
        "string" if node["format"] == "date-time" => "instant".into(),
        "string" if node["pattern"].as_str().is_some_and(|pattern| pattern.contains("(h|m|s|ms)")) => "duration".into(),
        other => other.into(),
    }
}

fn bounds(node: &Value) -> String {
    let number = |word: &str| node[word].as_i64();
    match (node["type"].as_str().unwrap(), kind(node).as_str()) {
        (_, "duration") => "GEP-2257".into(),
        (_, "instant") => "RFC 3339".into(),
        (_, "word") => String::new(),
        ("string", _) => match (number("minLength").unwrap_or(0), number("maxLength").unwrap()) {
            (0, max) => format!("≤ {max} characters"),
            (min, max) => format!("{min}–{max} characters"),
        },
        ("array", _) => match number("minItems") {
            None => format!("≤ {} items", number("maxItems").unwrap()),
            Some(min) => format!("{min}–{} items", number("maxItems").unwrap()),
        },
        (_, "map") => format!("≤ {} entries", number("maxProperties").unwrap()),
        ("integer", _) => match (number("minimum"), number("maximum")) {
            (Some(min), Some(max)) => format!("{min}–{max}"),
            (Some(min), None) => format!("≥ {min}"),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn fill(page: &str, mark: &str, table: &str) -> String {
    let (open, close) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (head, tail) = page.split_once(&open).unwrap_or_else(|| panic!("no {open}"));
    let (_, tail) = tail.split_once(&close).unwrap_or_else(|| panic!("no {close}"));
    format!("{head}{open}{table}{close}{tail}")
}

#[test]
fn field_tables_are_what_the_types_say() {
    const HEAD: &str = "| field | type | bounds | default | meaning |\n|---|---|---|---|---|\n";
    for (kind, crd) in crds() {
        let path = root().join(format!("docs/spec/{}.md", kind.to_lowercase()));
        let page = fs::read_to_string(&path).unwrap();
        let mut wanted = page.clone();
        for (mark, part) in [("fields", "spec"), ("status", "status")] {
            let skip = if kind == "TargetSet" { "template.spec" } else { "" };
            let mut table = String::from(HEAD);
            rows(&structural(&crd)["properties"][part], "", false, skip, &mut table);
            wanted = fill(&wanted, mark, &table);
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &wanted).unwrap();
        } else {
            assert!(page == wanted, "{} is out of date; run: {COMMAND}", path.display());
        }
    }
}
