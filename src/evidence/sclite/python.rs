//! Texts that the Python stack makes of values: they stand in messages and, for values that should have been texts, in addresses.

use std::fmt::Write as _;

use crate::evidence::json::{Json, write_float};

/// `str(value)`: a text itself, anything else as [`repr`].
pub(crate) fn text_of(value: &Json) -> String {
    value.as_str().map_or_else(|| repr(value), str::to_owned)
}

/// `repr(value)`. Members come in the order of their keys; Python has them in the order of the text.
pub(super) fn repr(value: &Json) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// `repr` of a list of texts.
pub(crate) fn repr_list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::from("[");
    for (index, text) in texts.into_iter().enumerate() {
        separate(index, &mut out);
        write_text(text, &mut out);
    }
    out.push(']');
    out
}

fn write(value: &Json, out: &mut String) {
    match value {
        Json::Null => out.push_str("None"),
        Json::Bool(flag) => out.push_str(if *flag { "True" } else { "False" }),
        Json::Integer(integer) => {
            let _ = write!(out, "{integer}");
        }
        Json::Float(float) => {
            let mut digits = Vec::new();
            write_float(*float, &mut digits);
            out.push_str(&String::from_utf8_lossy(&digits));
        }
        Json::Text(text) => write_text(text, out),
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item, out);
            }
            out.push(']');
        }
        Json::Object(object) => {
            out.push('{');
            for (index, (key, item)) in object.iter().enumerate() {
                separate(index, out);
                write_text(key, out);
                out.push_str(": ");
                write(item, out);
            }
            out.push('}');
        }
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push_str(", ");
    }
}

/// Single quotes unless the text holds one and no double quote.
fn write_text(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for character in text.chars() {
        let code = u32::from(character);
        let _ = match character {
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            '\\' => out.write_str("\\\\"),
            _ if character == quote => write!(out, "\\{quote}"),
            _ if is_printable(character) => out.write_char(character),
            _ if code < 0x100 => write!(out, "\\x{code:02x}"),
            _ if code < 0x1_0000 => write!(out, "\\u{code:04x}"),
            _ => write!(out, "\\U{code:08x}"),
        };
    }
    out.push(quote);
}

/// Whether a character stands for itself: not a control, format, private or unassigned one, and no separator but the space.
/// The standard library asks the same when it escapes the inside of a text.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    let mut text = String::from("a");
    text.push(character);
    text.escape_debug().count() == 2
}
