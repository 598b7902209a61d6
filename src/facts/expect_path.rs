//! Whether an expectation can hold at all: its path and operator against the contract's schema, when manifests are loaded.

use serde_json::{Map, Value};

use super::expect::number;
use crate::api::{Expect, Operator, did_you_mean};

/// Deepest path of a schema that is looked at.
const DEPTH_MAX: usize = 16;

/// Checks `expect` against `schema`, a JSON Schema (draft 2020-12) whose objects list their `properties` in place.
///
/// # Errors
/// A sentence for the manifest's author: the contract has no such fact (with the nearest one), the operator does not fit its
/// type, or a value can never be equal to it.
pub fn check_path(expect: &Expect, schema: &Value) -> Result<(), String> {
    let leaf = find(schema, &expect.key)?;
    let types = Types::of(leaf);
    let key = &expect.key;
    let word = format!("{:?}", expect.operator);
    match expect.operator {
        Operator::Exists | Operator::DoesNotExist => {
            if expect.values.is_empty() {
                Ok(())
            } else {
                Err(format!("{word} takes no values"))
            }
        }
        _ if types.nested => Err(format!("`{key}` is {}; only Exists and DoesNotExist apply to it", types.shown)),
        Operator::In | Operator::NotIn => {
            if expect.values.is_empty() {
                return Err(format!("{word} needs at least one value"));
            }
            expect.values.iter().try_for_each(|value| types.could_be(key, value))
        }
        _ if !types.number => Err(format!("{word} compares numbers, but `{key}` is {}; use In or NotIn", types.shown)),
        _ => match expect.values.as_slice() {
            [value] if number(value).is_some() => Ok(()),
            [value] => Err(format!("{word} compares numbers, but {value:?} is none")),
            _ => Err(format!("{word} takes exactly one value, not {}", expect.values.len())),
        },
    }
}

/// The schema at a dotted path.
fn find<'a>(schema: &'a Value, path: &str) -> Result<&'a Value, String> {
    let found = path.split('.').try_fold(schema, |schema, key| schema.get("properties")?.get(key));
    found.ok_or_else(|| {
        let title = schema.get("title").and_then(Value::as_str).unwrap_or("the facts contract");
        match slip(path, schema).or_else(|| if begun(path, schema) { None } else { misplaced(path, schema) }) {
            Some(near) => format!("{title} has no fact `{path}`; did you mean `{near}`?"),
            None => format!("{title} has no fact `{path}`; it has {}", nearby(path, schema)),
        }
    })
}

/// The path that `path` becomes when each unknown key is replaced by the nearest one of its level.
fn slip(path: &str, schema: &Value) -> Option<String> {
    let mut level = schema;
    let mut keys = Vec::new();
    for key in path.split('.') {
        let properties = level.get("properties")?.as_object()?;
        let (near, inner) = match properties.get_key_value(key) {
            Some(found) => found,
            None => properties.get_key_value(did_you_mean(key, properties.keys().map(String::as_str))?)?,
        };
        keys.push(near.as_str());
        level = inner;
    }
    Some(keys.join("."))
}

/// Whether the level that `path` names has keys that begin with its last one: then those are what is meant, and nothing elsewhere.
fn begun(path: &str, schema: &Value) -> bool {
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut levels = parents.split('.').filter(|key| !key.is_empty());
    let level = levels.try_fold(schema, |level, key| level.get("properties")?.get(key));
    let keys = level.and_then(|level| level.get("properties")).and_then(Value::as_object);
    !last.is_empty() && keys.is_some_and(|keys| keys.keys().any(|key| key.starts_with(last)))
}

/// A path that ends with the last key of `path`, or nearly so.
fn misplaced(path: &str, schema: &Value) -> Option<String> {
    let mut known = Vec::new();
    leaves(schema, "", DEPTH_MAX, &mut known);
    let last = |path: &'_ str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let wanted = last(path);
    let ends: Vec<String> = known.iter().map(|path| last(path)).collect();
    let exact = ends.iter().find(|end| **end == wanted).map(String::as_str);
    let near = exact.or_else(|| did_you_mean(&wanted, ends.iter().map(String::as_str))).filter(|_| !wanted.is_empty())?;
    known.iter().find(|path| last(path) == near).cloned()
}

/// The keys at the deepest level of `path` that exists, for a message.
fn nearby(path: &str, schema: &Value) -> String {
    let mut level = schema;
    let mut prefix = String::new();
    for key in path.split('.') {
        match level.get("properties").and_then(|properties| properties.get(key)) {
            Some(next) if next.get("properties").is_some() => {
                level = next;
                prefix.push_str(key);
                prefix.push('.');
            }
            _ => break,
        }
    }
    let keys = level.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
    keys.map(|key| format!("`{prefix}{key}`")).collect::<Vec<_>>().join(", ")
}

/// Every path to a value that is no object.
fn leaves(schema: &Value, prefix: &str, depth: usize, known: &mut Vec<String>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object).filter(|_| depth > 0) else { return };
    for (key, inner) in properties {
        let path = format!("{prefix}{key}");
        if inner.get("properties").is_some() {
            leaves(inner, &format!("{path}."), depth - 1, known);
        } else {
            known.push(path);
        }
    }
}

/// What a schema lets a value be.
struct Types<'a> {
    number: bool,
    text: bool,
    flag: bool,
    nested: bool,
    words: Option<Vec<&'a str>>,
    shown: String,
}

impl<'a> Types<'a> {
    fn of(schema: &'a Value) -> Self {
        let names: Vec<&str> = match schema.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let words = match (schema.get("enum"), schema.get("const")) {
            (Some(Value::Array(words)), _) => words.iter().map(Value::as_str).collect(),
            (_, Some(word)) => word.as_str().map(|word| vec![word]),
            _ => None,
        };
        let is = |name: &str| names.contains(&name);
        let worded = words.is_some() || schema.get("const").is_some();
        Self {
            number: is("number") || is("integer"),
            text: is("string") || worded,
            flag: is("boolean") || schema.get("const").is_some_and(Value::is_boolean),
            nested: is("object") || is("array"),
            shown: match names.iter().find(|name| **name != "null") {
                Some(name @ (&"integer" | &"object" | &"array")) => format!("an {name}"),
                Some(&"string") | None => "a text".into(),
                Some(name) => format!("a {name}"),
            },
            words,
        }
    }

    fn could_be(&self, key: &str, value: &str) -> Result<(), String> {
        if let Some(words) = &self.words {
            if words.contains(&value) {
                return Ok(());
            }
            let hint = did_you_mean(value, words.iter().copied())
                .map_or_else(|| format!("it is one of {}", words.join(", ")), |near| format!("did you mean {near:?}?"));
            return Err(format!("`{key}` is never {value:?}; {hint}"));
        }
        let fits = self.text || (self.number && number(value).is_some()) || (self.flag && matches!(value, "true" | "false"));
        if fits { Ok(()) } else { Err(format!("`{key}` is {}; {value:?} can never equal it", self.shown)) }
    }
}
