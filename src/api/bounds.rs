//! Bounds and unions of a document that already has the right types: what the schema says and deserializing does not check.
//!
//! Patterns are not looked at here, because the types that carry one ([`super::LabelName`], [`super::Duration`], labels)
//! refuse other text when they are read.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::kind::{self, ALL, AT_MOST_ONE_OF, LIST_MAP_KEYS, LIST_TYPE, ONE_OF};
use super::{Object, reason};

/// One broken bound or union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where, from the root of the document: `spec.connections[0].ssh.port`. Keys of free maps stand in brackets too.
    pub path: String,
    /// [`reason::BAD_VALUE`], [`reason::UNION`] or [`reason::DUPLICATE_KEY`].
    pub reason: &'static str,
    /// What is wrong: a lower-case fragment without any part of the document but field names.
    pub message: String,
}

/// Schema trees of the kinds that a user writes.
static TREES: LazyLock<Vec<(&'static str, Value)>> =
    LazyLock::new(|| ALL.iter().filter(|kind| kind.written_by_user).map(|kind| (kind.name, kind.complete_document())).collect());

/// Every bound and union that `object` breaks, in document order of the schema.
///
/// A document that deserializes and has no violation is exactly one that the editor schema accepts.
pub fn violations(object: &Object) -> Vec<Violation> {
    let (name, value) = match object {
        Object::Target(manifest) => ("Target", serde_json::to_value(manifest)),
        Object::TargetSet(manifest) => ("TargetSet", serde_json::to_value(manifest)),
        Object::Check(manifest) => ("Check", serde_json::to_value(manifest)),
        Object::Policy(manifest) => ("Policy", serde_json::to_value(manifest)),
        Object::Sink(manifest) => ("Sink", serde_json::to_value(manifest)),
    };
    let mut found = Vec::new();
    if let (Ok(value), Some((_, tree))) = (value, TREES.iter().find(|(kind, _)| *kind == name)) {
        walk(tree, &value, "", &mut found);
    }
    found
}

fn walk(schema: &Value, value: &Value, path: &str, found: &mut Vec<Violation>) {
    let Some(schema) = schema.as_object() else { return };
    let mut report = |reason, message| found.push(Violation { path: path.to_owned(), reason, message });
    match value {
        Value::String(text) => check_text(schema, text, &mut report),
        Value::Number(number) => check_number(schema, number, &mut report),
        Value::Array(items) => {
            check_count(schema, items.len(), "minItems", "maxItems", "items", &mut report);
            check_unique(schema, items, &mut report);
            if let Some(below) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    walk(below, item, &format!("{path}[{index}]"), found);
                }
            }
        }
        Value::Object(map) => {
            check_count(schema, map.len(), "minProperties", "maxProperties", "entries", &mut report);
            check_union(schema, map, &mut report);
            let properties = schema.get("properties").and_then(Value::as_object);
            for (key, value) in map {
                if let Some(below) = properties.and_then(|all| all.get(key)) {
                    let dot = if path.is_empty() { "" } else { "." };
                    walk(below, value, &format!("{path}{dot}{key}"), found);
                } else if let Some(below) = schema.get("additionalProperties") {
                    walk(below, value, &format!("{path}[{key}]"), found);
                }
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn bound(schema: &Map<String, Value>, word: &str) -> Option<i64> {
    schema.get(word).and_then(Value::as_i64)
}

fn check_text(schema: &Map<String, Value>, text: &str, report: &mut impl FnMut(&'static str, String)) {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if let Some(max) = bound(schema, "maxLength").filter(|max| length > *max) {
        report(reason::BAD_VALUE, format!("longer than {max} characters"));
    }
    if let Some(min) = bound(schema, "minLength").filter(|min| length < *min) {
        report(reason::BAD_VALUE, if min == 1 { "empty".into() } else { format!("shorter than {min} characters") });
    }
    if schema.get("format").is_some_and(|format| format == "date-time") && !is_instant(text) {
        report(reason::BAD_VALUE, "not an RFC 3339 instant such as 2027-03-01T00:00:00Z".into());
    }
}

/// RFC 3339 with a capital `T` and an offset; jiff alone would also take a blank between date and time.
fn is_instant(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b'T') && text.parse::<jiff::Timestamp>().is_ok()
}

fn check_number(schema: &Map<String, Value>, number: &serde_json::Number, report: &mut impl FnMut(&'static str, String)) {
    let Some(number) = number.as_i64() else { return };
    if let Some(max) = bound(schema, "maximum").filter(|max| number > *max) {
        report(reason::BAD_VALUE, format!("larger than {max}"));
    }
    if let Some(min) = bound(schema, "minimum").filter(|min| number < *min) {
        report(reason::BAD_VALUE, format!("smaller than {min}"));
    }
}

fn check_count(
    schema: &Map<String, Value>,
    count: usize,
    min_word: &str,
    max_word: &str,
    noun: &str,
    report: &mut impl FnMut(&'static str, String),
) {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if let Some(max) = bound(schema, max_word).filter(|max| count > *max) {
        report(reason::BAD_VALUE, format!("more than {max} {noun}"));
    }
    if let Some(min) = bound(schema, min_word).filter(|min| count < *min) {
        report(reason::BAD_VALUE, format!("fewer than {min} {noun}"));
    }
}

fn check_unique(schema: &Map<String, Value>, items: &[Value], report: &mut impl FnMut(&'static str, String)) {
    let keys = kind::fields(schema, LIST_MAP_KEYS);
    let is_set = schema.get(LIST_TYPE).is_some_and(|word| word == "set");
    if keys.is_empty() && !is_set {
        return;
    }
    let mut seen = BTreeSet::new();
    let repeats = items
        .iter()
        .filter(|item| {
            let identity: Vec<String> = match keys.as_slice() {
                [] => vec![item.to_string()],
                keys => keys.iter().filter_map(|key| item.get(key)).map(Value::to_string).collect(),
            };
            !seen.insert(identity)
        })
        .count();
    if repeats > 0 {
        let what = if is_set { "value".to_owned() } else { keys.join(" and ") };
        report(reason::DUPLICATE_KEY, format!("two items have the same {what}"));
    }
}

fn check_union(schema: &Map<String, Value>, map: &Map<String, Value>, report: &mut impl FnMut(&'static str, String)) {
    let present = |fields: &[&str]| -> Vec<String> {
        fields.iter().filter(|field| map.get(**field).is_some_and(|v| !v.is_null())).map(|f| format!("`{f}`")).collect()
    };
    let fields = kind::fields(schema, ONE_OF);
    if !fields.is_empty() {
        let all = fields.join(", ");
        match present(&fields).as_slice() {
            [_] => {}
            [] => report(reason::UNION, format!("set exactly one of {all}; none is set")),
            many => report(reason::UNION, format!("set exactly one of {all}; {} are set", many.join(" and "))),
        }
    }
    let fields = kind::fields(schema, AT_MOST_ONE_OF);
    if let many @ [_, _, ..] = present(&fields).as_slice() {
        report(reason::UNION, format!("set at most one of {}; {} are set", fields.join(", "), many.join(" and ")));
    }
}
