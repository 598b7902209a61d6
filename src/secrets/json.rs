//! Documents: texts, keys, and values under keys that name a secret.

use serde_json::{Map, Number, Value};

use crate::api::secret_text::{MARK, is_harmless, markers, names_secret};

/// Numbers below are counts and sizes: as short as texts that are left.
const SMALLEST_NUMBER: f64 = 1000.0;
/// Length of a SHA-256 digest in hex.
const DIGEST: usize = 64;

/// Every key and every text of a document, a line each: one search over all of them costs far less than one for each.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Keys.
    pub(super) keys: String,
    /// Texts.
    pub(super) texts: String,
}

impl Texts {
    pub(super) fn of(value: &Value) -> Self {
        let mut all = Self::default();
        all.add(value);
        all
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) => push(&mut self.texts, text),
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Object(map) => map.iter().for_each(|(key, item)| {
                push(&mut self.keys, key);
                self.add(item);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Whether some key may name a secret.
    pub(super) fn may_tell(&self) -> bool {
        markers(&self.keys.to_ascii_lowercase()).next().is_some()
    }
}

/// A line break ends whatever a pattern may take, so that nothing is found across two texts that is in neither but a known value
/// of several lines, and nothing is lost.
fn push(lines: &mut String, text: &str) {
    lines.push_str(text);
    lines.push('\n');
}

/// `value` with every text passed through `clean`, which answers `None` for a text that stays as it is.
pub(super) fn redacted(value: Value, clean: &dyn Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => Value::String(cleaned(text, clean)),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| redacted(item, clean)).collect()),
        Value::Object(map) => Value::Object(members(map, clean)),
        other => other,
    }
}

/// One text and the key that it stands under.
pub(super) fn redacted_under(key: &str, text: String, clean: &dyn Fn(&str) -> Option<String>) -> String {
    if names_secret(key) && !text.is_empty() && !is_harmless(&text) { MARK.to_owned() } else { cleaned(text, clean) }
}

fn members(map: Map<String, Value>, clean: &dyn Fn(&str) -> Option<String>) -> Map<String, Value> {
    map.into_iter()
        .map(|(key, item)| {
            let item = if names_secret(&key) { blanked(item, clean) } else { redacted(item, clean) };
            (cleaned(key, clean), item)
        })
        .collect()
}

fn cleaned(text: String, clean: &dyn Fn(&str) -> Option<String>) -> String {
    match clean(&text) {
        Some(clean) if clean == MARK || !is_formal(&text) => clean,
        Some(_) | None => text,
    }
}

/// A value under a telling key: texts and large numbers go, also those of a list; an object says more by its own keys.
fn blanked(value: Value, clean: &dyn Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) if text.is_empty() || is_harmless(&text) => Value::String(text),
        Value::String(_) => MARK.into(),
        Value::Number(number) if is_large(&number) => MARK.into(),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| blanked(item, clean)).collect()),
        other => redacted(other, clean),
    }
}

fn is_large(number: &Number) -> bool {
    number.as_f64().is_some_and(|number| number.abs() >= SMALLEST_NUMBER)
}

/// Whether a text is nothing but a SHA-256 digest or an RFC 3339 instant.
fn is_formal(text: &str) -> bool {
    let digest = || text.len() == DIGEST && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    digest() || text.parse::<jiff::Timestamp>().is_ok()
}
