//! The bytes that digests of records are taken of: JSON in ASCII, keys sorted, no whitespace, numbers as Python prints them.

use std::fmt::Write as _;

use serde_json::{Number, Value};

use crate::api::Digest;

/// Decimal exponents that Python prints without an `e`.
const POSITIONAL: std::ops::Range<i32> = -4..16;

/// Bytes of most records.
const RECORD_BYTES: usize = 1024;

/// The digest of a record of the Python stack. Its text form there is `sha256:` and the hex digits.
pub(super) fn record_digest(record_type: &str, record: &Value) -> Digest {
    digest("govengine", record_type, record)
}

/// The digest of a record of one owner: of the map of both, the record and the version of the form.
pub(super) fn digest(owner: &str, record_type: &str, record: &Value) -> Digest {
    let mut out = String::with_capacity(RECORD_BYTES);
    out.push_str("{\"owner\":");
    write_text(owner, &mut out);
    out.push_str(",\"record\":");
    append(record, &mut out);
    out.push_str(",\"record_type\":");
    write_text(record_type, &mut out);
    out.push_str(",\"schema_version\":\"v1\"}");
    Digest::of(out.as_bytes())
}

/// `value` as one line of ASCII. Values that differ in kind differ: `1` is not `1.0`.
pub(super) fn ascii(value: &Value) -> String {
    let mut out = String::new();
    append(value, &mut out);
    out
}

fn append(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                append(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                append(item, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| !(' '..='~').contains(&c) || c == '"' || c == '\\') {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = from.chars();
        characters.next().into_iter().for_each(|character| escape(character, out));
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

fn escape(character: char, out: &mut String) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

/// A number as Python prints it.
pub(super) fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float_text(float),
        _ => number.to_string(),
    }
}

fn float_text(float: f64) -> String {
    let shortest = format!("{float:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if POSITIONAL.contains(&exponent) {
        let plain = format!("{float}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_texts_are_those_of_python() {
        let value = json!([1, 1.0, -0.0, 1e21, 1e-7, 1e16, 1e15, 0.0001, 0.00001, 12.5, u64::MAX, "é\u{1F600}\n\u{7f}\u{1}"]);
        let python = r#"[1,1.0,-0.0,1e+21,1e-07,1e+16,1000000000000000.0,0.0001,1e-05,12.5,18446744073709551615,"\u00e9\ud83d\ude00\n\u007f\u0001"]"#;
        assert_eq!(ascii(&value), python);
    }
}
