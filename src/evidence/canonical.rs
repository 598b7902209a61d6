//! Canonical JSON bytes of `serde_json` values: those of [`json`](super::json), without a copy of the value.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::json::{Finite, write_float, write_integer, write_text};

/// Deepest nesting written; deeper values are impossible from our own bodies and refused by the readers of evidence.
const MAX_DEPTH: usize = 128;

/// The canonical bytes of `value`. Values nested deeper than 128 levels are written as `null` from there on.
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, value);
    out
}

/// Appends the canonical bytes of `value`.
pub(super) fn write(out: &mut Vec<u8>, value: &Value) {
    write_changed(out, value, &mut |_| None);
}

/// Appends the canonical bytes of `value` with another text for each that `change` has one for, keys included. Keys that become
/// equal are numbered.
pub(super) fn write_changed(out: &mut Vec<u8>, value: &Value, change: &mut impl FnMut(&str) -> Option<String>) {
    write_value(out, value, change, 0);
}

fn write_value(out: &mut Vec<u8>, value: &Value, change: &mut impl FnMut(&str) -> Option<String>, depth: usize) {
    match value {
        _ if depth > MAX_DEPTH => out.extend_from_slice(b"null"),
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => match change(text) {
            Some(text) => write_text(&text, out),
            None => write_text(text, out),
        },
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(out, item, change, depth + 1);
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let key = |key| change(key).map_or(Cow::Borrowed(key), Cow::Owned);
            let keys = map.keys().map(String::as_str).map(key);
            let mut entries: Vec<(Cow<'_, str>, &Value)> = keys.zip(map.values()).collect();
            sort(&mut entries);
            out.push(b'{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(&key, out);
                out.push(b':');
                write_value(out, item, change, depth + 1);
            }
            out.push(b'}');
        }
    }
}

/// Byte order of UTF-8 is code point order; sorted here so that no feature of a dependency can change it. The usual map is sorted.
fn sort(entries: &mut [(Cow<'_, str>, &Value)]) {
    while !entries.is_sorted_by(|(left, _), (right, _)| left < right) {
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
        let mut number = 2;
        for index in 1..entries.len() {
            if let Some([(left, _), (right, _)]) = entries.get_mut(index - 1..=index)
                && left == right
            {
                *right = Cow::Owned(format!("{right} ({number})"));
                number += 1;
            }
        }
    }
}

fn write_number(out: &mut Vec<u8>, number: &Number) {
    if let Some(magnitude) = number.as_u64() {
        write_integer(false, magnitude, out);
    } else if let Some(negative) = number.as_i64() {
        write_integer(true, negative.unsigned_abs(), out);
    } else if let Some(float) = number.as_f64().and_then(Finite::new) {
        write_float(float, out);
    }
}
