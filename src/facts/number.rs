//! Numbers out of text, and the limits every number in facts obeys.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::Value;

use super::digits;
use super::text::is_whitespace;

/// Largest count that facts carry.
pub const COUNT_MAX: u64 = 1_000_000_000_000;
/// Largest magnitude of a measured number in facts.
pub const FLOAT_MAX: f64 = 1_000_000.0;
/// Most digits an integer text may have; leading zeros count, underscores do not.
pub const INTEGER_DIGITS_MAX: usize = 4300;
/// Digits after the point that loads and offsets keep.
const FLOAT_DECIMALS: usize = 6;

/// An integer text: optional whitespace around, optional sign, decimal digits of any script with single underscores between.
/// Values beyond 128 bits saturate; more than [`INTEGER_DIGITS_MAX`] digits are refused.
pub fn integer(text: &str) -> Option<i128> {
    let mut chars = trim_number(text).chars().peekable();
    let negative = sign(&mut chars) == Some('-');
    let mut value: i128 = 0;
    let count = digit_run(&mut chars, |digit| value = value.saturating_mul(10).saturating_add(i128::from(digit)))?;
    if count == 0 || count > INTEGER_DIGITS_MAX || chars.next().is_some() {
        return None;
    }
    Some(if negative { -value } else { value })
}

/// A floating-point text: `inf`, `infinity`, `nan` in any case, or a decimal literal with optional fraction and exponent, single
/// underscores between digits, digits of any script. Overflow is infinite.
pub fn float(text: &str) -> Option<f64> {
    let text = trim_number(text);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return text.parse().ok();
    }
    let mut chars = text.chars().peekable();
    let mut plain = String::new();
    plain.extend(sign(&mut chars));
    let whole = digit_run(&mut chars, |digit| plain.push(char::from(b'0' + digit)))?;
    let mut fraction = 0;
    if chars.next_if_eq(&'.').is_some() {
        plain.push('.');
        fraction = digit_run(&mut chars, |digit| plain.push(char::from(b'0' + digit)))?;
    }
    if whole + fraction == 0 {
        return None;
    }
    if chars.next_if(|c| matches!(c, 'e' | 'E')).is_some() {
        plain.push('e');
        plain.extend(sign(&mut chars));
        if digit_run(&mut chars, |digit| plain.push(char::from(b'0' + digit)))? == 0 {
            return None;
        }
    }
    if chars.next().is_some() { None } else { plain.parse().ok() }
}

/// Numbers shed whitespace except the information separators: `\u{1C}7` is not a number, although it is one word.
fn trim_number(text: &str) -> &str {
    text.trim_matches(|c| is_whitespace(c) && !matches!(c, '\u{1C}'..='\u{1F}'))
}

fn sign(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    chars.next_if(|c| matches!(c, '+' | '-'))
}

/// Feeds a run of digits to `push` and counts them; `None` when an underscore does not stand between two digits.
fn digit_run(chars: &mut Peekable<Chars<'_>>, mut push: impl FnMut(u8)) -> Option<usize> {
    let mut count = 0;
    loop {
        if let Some(digit) = chars.peek().copied().and_then(digits::value) {
            chars.next();
            push(digit);
            count += 1;
            if chars.next_if_eq(&'_').is_some() && chars.peek().copied().and_then(digits::value).is_none() {
                return None;
            }
        } else if chars.peek() == Some(&'_') {
            return None;
        } else {
            return Some(count);
        }
    }
}

/// A count within 0 and [`COUNT_MAX`].
pub fn clamp_count(value: i128) -> u64 {
    u64::try_from(value.max(0)).unwrap_or(COUNT_MAX).min(COUNT_MAX)
}

/// A load within 0 and [`FLOAT_MAX`], six decimals. Not a number becomes 0.
pub fn clamp_load(value: f64) -> f64 {
    clamp(value, 0.0)
}

/// A signed measure within ±[`FLOAT_MAX`], six decimals. Not a number becomes the lower bound; negative zero survives.
pub fn clamp_signed(value: f64) -> f64 {
    clamp(value, -FLOAT_MAX)
}

fn clamp(value: f64, low: f64) -> f64 {
    // Spelled out because `f64::clamp`, `min` and `max` treat NaN differently, and the order of comparison is the contract.
    let capped = if FLOAT_MAX < value { FLOAT_MAX } else { value };
    round(if capped > low { capped } else { low }, FLOAT_DECIMALS)
}

/// `value` rounded to `decimals` places, half to even on its exact binary value.
pub fn round(value: f64, decimals: usize) -> f64 {
    // Formatting with a precision works on the exact value; multiplying by a power of ten first would not.
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

/// A count out of a JSON value: numbers truncate toward zero, booleans are 0 and 1, text is an [`integer`]; else `None`.
pub fn count_value(value: &Value) -> Option<u64> {
    match value {
        Value::Bool(flag) => Some(u64::from(*flag)),
        Value::Number(number) => {
            number.as_i128().map(clamp_count).or_else(|| number.as_f64().map(|float| clamp_count(truncate(float))))
        }
        Value::String(text) => integer(text).map(clamp_count),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the result is clamped to COUNT_MAX anyway")]
fn truncate(value: f64) -> i128 {
    value as i128
}

/// A load out of a JSON value; see [`clamp_load`].
pub fn load_value(value: &Value) -> Option<f64> {
    float_of(value).map(clamp_load)
}

/// A signed measure out of a JSON value; see [`clamp_signed`].
pub fn signed_value(value: &Value) -> Option<f64> {
    float_of(value).map(clamp_signed)
}

fn float_of(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => float(text),
        _ => None,
    }
}
