//! The canonical bytes: what is hashed.
//!
//! No whitespace, keys in code point order, UTF-8 unescaped except for control characters, `"` and `\`; integers in decimal;
//! floats with the shortest digits in the layout of Python's `repr` (an exponent below -4 and from 16).

use super::float::Shortest;
use super::scan::plain_len;
use super::{Finite, Integer, Json};

/// Digits of the largest 64-bit number.
const DIGITS_MAX: usize = 20;
/// Hexadecimal digits.
pub(super) const HEX: [u8; 16] = *b"0123456789abcdef";

/// The canonical bytes of `value`: equal values have equal bytes, different ones have not.
pub fn canonical(value: &Json) -> Vec<u8> {
    let mut out = Vec::new();
    write_canonical(value, &mut out);
    out
}

/// Appends the canonical bytes of `value` to `out`.
pub fn write_canonical(value: &Json, out: &mut Vec<u8>) {
    match value {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(true) => out.extend_from_slice(b"true"),
        Json::Bool(false) => out.extend_from_slice(b"false"),
        Json::Integer(integer) => write_any_integer(integer, out),
        Json::Float(float) => write_float(*float, out),
        Json::Text(text) => write_text(text, out),
        Json::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        Json::Object(object) => {
            out.push(b'{');
            for (index, (key, item)) in object.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write_canonical(item, out);
            }
            out.push(b'}');
        }
    }
}

pub(super) fn write_any_integer(integer: &Integer, out: &mut Vec<u8>) {
    match (integer.as_i64(), integer.as_large()) {
        (Some(small), _) => write_integer(small < 0, small.unsigned_abs(), out),
        (None, Some(digits)) => out.extend_from_slice(digits.as_bytes()),
        (None, None) => {}
    }
}

/// Writes `magnitude` in decimal, after a `-` when `negative`.
pub(in crate::evidence) fn write_integer(negative: bool, magnitude: u64, out: &mut Vec<u8>) {
    if negative {
        out.push(b'-');
    }
    let mut digits = [b'0'; DIGITS_MAX];
    let mut left = magnitude;
    let mut start = DIGITS_MAX;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        start -= 1;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

/// Writes `text` in quotes; plain stretches are copied whole.
pub(in crate::evidence) fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, tail) = rest.split_at_checked(plain_len(rest)).unwrap_or((rest, &[]));
        out.extend_from_slice(plain);
        let Some((special, tail)) = tail.split_first() else { break };
        write_escape(*special, out);
        rest = tail;
    }
    out.push(b'"');
}

/// Writes the escape of a control character, `"` or `\`.
pub(super) fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0C => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => return write_unit(u16::from(byte), out),
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Writes `\uXXXX` with lower-case digits.
pub(super) fn write_unit(unit: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\\u");
    out.extend([12_u16, 8, 4, 0].map(|shift| HEX.get(usize::from(unit >> shift & 0xF)).copied().unwrap_or(b'0')));
}

/// Writes a float: always with a point or an exponent, so that it reads back as a float.
pub(in crate::evidence) fn write_float(float: Finite, out: &mut Vec<u8>) {
    let shortest = Shortest::of(float);
    let parts = shortest.parts();
    if parts.negative {
        out.push(b'-');
    }
    match parts.exponent {
        exponent @ -4..0 => {
            out.extend_from_slice(b"0.");
            zeros(exponent.unsigned_abs() as usize - 1, out);
            out.extend_from_slice(parts.first);
            out.extend_from_slice(parts.rest);
        }
        exponent @ 0..16 => {
            let whole = exponent.unsigned_abs() as usize;
            let (left, right) = parts.rest.split_at_checked(whole).unwrap_or((parts.rest, &[]));
            out.extend_from_slice(parts.first);
            out.extend_from_slice(left);
            zeros(whole - left.len(), out);
            out.push(b'.');
            out.extend_from_slice(if right.is_empty() { b"0" } else { right });
        }
        exponent => {
            out.extend_from_slice(parts.first);
            if !parts.rest.is_empty() {
                out.push(b'.');
                out.extend_from_slice(parts.rest);
            }
            out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
            if exponent.unsigned_abs() < 10 {
                out.push(b'0');
            }
            write_integer(false, u64::from(exponent.unsigned_abs()), out);
        }
    }
}

fn zeros(count: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + count, b'0');
}
