//! Text from outside, made safe for a terminal: no target, manifest or argument steers it.

use std::fmt::Write as _;

/// Whether a character steers a terminal or turns the direction of text.
pub fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` on one line, with a space for everything that steers.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// `text` with its line breaks and with U+FFFD for everything else that steers.
pub fn printable_lines(text: &str) -> String {
    text.chars().map(|c| if steers(c) && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// JSON with an escape for everything that steers and that a serializer leaves as it is. `text` is JSON.
pub fn printable_json(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if steers(c) && c != '\n' {
            // All of them are below U+10000.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
        out
    })
}
