//! Labels and annotations: maps whose keys and values have the form that Kubernetes demands.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::SubdomainName;

/// Labels: key to value.
pub type Labels = BTreeMap<String, String>;

/// Most entries of one label or annotation map.
pub const ENTRIES_MAX: usize = 64;
/// Longest label value and longest name part of a key, in characters.
pub const VALUE_MAX: usize = 63;
/// Longest key: a prefix of 253 characters, `/`, a name of 63.
pub const KEY_MAX: usize = 317;
/// Longest annotation value, in characters; the bound that Kubernetes sets on all annotations of an object together.
pub const ANNOTATION_MAX: usize = 262_144;
/// Longest prefix of a key.
const PREFIX_MAX: usize = 253;

/// A label value: empty, or letters, digits, `-`, `_` and `.` between a letter or digit at each end.
pub(super) const VALUE_PATTERN: &str = "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";
/// A key: an optional DNS subdomain and `/`, then a non-empty name in the form of a value.
pub(super) const KEY_PATTERN: &str =
    "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$";

/// Whether `text` is a label value.
pub fn is_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

/// Whether `text` is a label or annotation key.
pub fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        None => is_name(text),
        Some((prefix, name)) => prefix.len() <= PREFIX_MAX && SubdomainName::is_subdomain(prefix) && is_name(name),
    }
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    text.len() <= VALUE_MAX
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// A checked key; exists only while reading, so that an error points at the key itself.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        key(deserializer).map(Self)
    }
}

/// A checked label value.
struct Value(String);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        if is_value(&text) {
            return Ok(Self(text.into_owned()));
        }
        Err(serde::de::Error::custom(
            "bad label value: use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at each end",
        ))
    }
}

/// Reads a key.
pub(super) fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    if is_key(&text) {
        return Ok(text.into_owned());
    }
    Err(serde::de::Error::custom(
        "bad label key: use at most 63 letters, digits, `-`, `_` and `.`, optionally after a DNS name and `/`",
    ))
}

/// Reads a list of label values.
pub(super) fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<Value>::deserialize(deserializer)?.into_iter().map(|value| value.0).collect())
}

/// Reads labels.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Labels, D::Error> {
    Ok(BTreeMap::<Key, Value>::deserialize(deserializer)?.into_iter().map(|(key, value)| (key.0, value.0)).collect())
}

/// Reads annotations: checked keys, free text.
pub(super) fn deserialize_annotations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Labels, D::Error> {
    Ok(BTreeMap::<Key, String>::deserialize(deserializer)?.into_iter().map(|(key, value)| (key.0, value)).collect())
}

/// Schema of labels.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": ENTRIES_MAX,
        "propertyNames": {"maxLength": KEY_MAX, "pattern": KEY_PATTERN},
        "additionalProperties": {"type": "string", "maxLength": VALUE_MAX, "pattern": VALUE_PATTERN},
    })
}

/// Schema of annotations.
pub(super) fn annotations_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": ENTRIES_MAX,
        "propertyNames": {"maxLength": KEY_MAX, "pattern": KEY_PATTERN},
        "additionalProperties": {"type": "string", "maxLength": ANNOTATION_MAX},
    })
}
