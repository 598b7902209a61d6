//! JSON in plain ASCII: the text of files, and the compact form of a few identifiers.

use super::Json;
use super::write::{write_any_integer, write_escape, write_float, write_unit};

/// Spaces per level.
const INDENT: usize = 2;

/// `value` as the text of a file: two spaces a level, keys sorted, everything outside printable ASCII as `\uXXXX` (beyond U+FFFF
/// as a surrogate pair), one line feed at the end.
pub fn pretty(value: &Json) -> String {
    let mut out = Vec::new();
    write(value, Some(0), &mut out);
    out.push(b'\n');
    text_of(out)
}

/// `value` without whitespace, escaped like [`pretty`]. Not the canonical form: no artifact is hashed from it.
pub fn ascii_compact(value: &Json) -> String {
    let mut out = Vec::new();
    write(value, None, &mut out);
    text_of(out)
}

/// Everything above is ASCII.
fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// `level` is the depth of indentation; none for the compact form.
fn write(value: &Json, level: Option<usize>, out: &mut Vec<u8>) {
    match value {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Json::Integer(integer) => write_any_integer(integer, out),
        Json::Float(float) => write_float(*float, out),
        Json::Text(text) => write_text(text, out),
        Json::Array(items) => {
            let inner = level.map(|level| level + 1);
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                separate(index, inner, out);
                write(item, inner, out);
            }
            close(items.is_empty(), level, b']', out);
        }
        Json::Object(object) => {
            let inner = level.map(|level| level + 1);
            out.push(b'{');
            for (index, (key, item)) in object.iter().enumerate() {
                separate(index, inner, out);
                write_text(key, out);
                out.extend_from_slice(if level.is_some() { b": " } else { b":" });
                write(item, inner, out);
            }
            close(object.is_empty(), level, b'}', out);
        }
    }
}

fn separate(index: usize, level: Option<usize>, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
    start_line(level, out);
}

fn close(empty: bool, level: Option<usize>, bracket: u8, out: &mut Vec<u8>) {
    if !empty {
        start_line(level, out);
    }
    out.push(bracket);
}

fn start_line(level: Option<usize>, out: &mut Vec<u8>) {
    if let Some(level) = level {
        out.push(b'\n');
        out.resize(out.len() + level * INDENT, b' ');
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' | '\\' | '\0'..='\u{1F}' => write_escape(character as u8, out),
            ' '..='~' => out.push(character as u8),
            _ => character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write_unit(*unit, out)),
        }
    }
    out.push(b'"');
}
