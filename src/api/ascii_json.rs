//! Compact JSON in plain ASCII, as the Python stack writes it: keys sorted by code point, everything above U+007E escaped, numbers as
//! Python prints them. Digests of policy records are taken of it, and the size limit of facts counts its characters.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// Few facts and requests are longer.
const USUAL: usize = 2 << 10;

/// `value` as compact ASCII JSON. Floats keep a point or an exponent (`1.0`, `1e-07`, `1e+16`).
pub fn ascii_compact(value: &Value) -> String {
    let mut out = String::with_capacity(USUAL);
    write_ascii(&mut out, value);
    out
}

/// Appends `value`, as [`ascii_compact`] writes it.
pub fn write_ascii(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&ascii_number(number)),
        Value::String(text) => write_ascii_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_ascii(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            // `serde_json` keeps keys sorted by their bytes (its `preserve_order` is off), which is the order of code points.
            for (i, (key, item)) in map.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_ascii_text(out, key);
                out.push(':');
                write_ascii(out, item);
            }
            out.push('}');
        }
    }
}

/// Appends `text` as a JSON string.
pub fn write_ascii_text(out: &mut String, text: &str) {
    out.push('"');
    let (plain, rest) = text.split_at_checked(plain_len(text)).unwrap_or(("", text));
    out.push_str(plain);
    for c in rest.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{C}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// How many bytes at the start of `text` stand for themselves: nearly always all of them.
fn plain_len(text: &str) -> usize {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    text.bytes().position(|byte| !plain(&byte)).unwrap_or(text.len())
}

/// A number as Python prints it.
pub fn ascii_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float_text(float),
        _ => number.to_string(),
    }
}

/// The shortest digits that read back as `value`: positional for decimal exponents from -4 to 15, else scientific with a sign
/// and at least two digits of exponent.
fn float_text(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if (-4..16).contains(&exponent) => {
            let plain = value.to_string();
            if plain.contains('.') { plain } else { plain + ".0" }
        }
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
        Err(_) => scientific,
    }
}
