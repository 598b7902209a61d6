//! Canonical JSON bytes of `serde_json` values: those of [`json`](super::json), without a copy of the value.

use serde_json::{Number, Value};

use super::json::{Finite, write_float, write_integer, write_text};

/// Deepest nesting written; deeper values are impossible from our own bodies and refused by the readers of evidence.
const MAX_DEPTH: usize = 128;

/// The canonical bytes of `value`. Values nested deeper than 128 levels are written as `null` from there on.
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write_value(&mut out, value, 0);
    out
}

fn write_value(out: &mut Vec<u8>, value: &Value, depth: usize) {
    match value {
        _ if depth > MAX_DEPTH => out.extend_from_slice(b"null"),
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(out, item, depth + 1);
            }
            out.push(b']');
        }
        Value::Object(map) => {
            // Byte order of UTF-8 is code point order; sorted here so that no feature of a dependency can change it.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push(b'{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write_value(out, item, depth + 1);
            }
            out.push(b'}');
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
