//! The text primitives that every normalizer is built from.
//!
//! They differ from the standard library on purpose: whitespace includes the information separators U+001C to U+001F, eleven
//! sequences break a line, and every limit counts code points.

/// Whether `c` separates words: U+0009–U+000D, U+001C–U+001F, U+0020, U+0085, U+00A0, U+1680, U+2000–U+200A, U+2028, U+2029,
/// U+202F, U+205F and U+3000. Zero-width characters do not.
pub const fn is_whitespace(c: char) -> bool {
    matches!(
        c,
        '\u{9}'..='\u{D}'
            | '\u{1C}'..='\u{20}'
            | '\u{85}'
            | '\u{A0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200A}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202F}'
            | '\u{205F}'
            | '\u{3000}'
    )
}

/// Whether `c` ends a line. `\r\n` counts as one break; U+001F is none.
const fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{1C}'..='\u{1E}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The lines of `text` without their breaks. A break at the end adds no empty line; empty text has no lines.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(at) = rest.find(is_break) else {
            return Some(std::mem::take(&mut rest));
        };
        let (line, tail) = rest.split_at(at);
        rest = tail.strip_prefix("\r\n").unwrap_or_else(|| skip_char(tail));
        Some(line)
    })
}

/// `text` without its first character.
fn skip_char(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

/// The words of `text`: never empty, never holding whitespace.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_whitespace).filter(|token| !token.is_empty())
}

/// `text` without whitespace at either end.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_whitespace)
}

/// The first `limit` code points of `text`.
pub fn cut(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(at, _)| text.split_at(at).0)
}

/// The words of `text` joined by one space, then cut to `limit` code points. Because the cut comes last, the result may end
/// with a space.
pub fn collapse(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut room = limit;
    for token in tokens(text) {
        if !out.is_empty() {
            if room == 0 {
                break;
            }
            out.push(' ');
            room -= 1;
        }
        let piece = cut(token, room);
        out.push_str(piece);
        room -= piece.chars().count();
        if room == 0 {
            break;
        }
    }
    out
}

/// A `KEY=value` line split at the first `separator`; `None` without one. Neither side is trimmed.
pub fn part(line: &str, separator: char) -> Option<(&str, &str)> {
    line.split_once(separator)
}

/// Full Unicode lower case: `İ` becomes two code points, a final `Σ` becomes `ς`.
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// Full Unicode upper case: `ß` becomes `SS`.
pub fn upper(text: &str) -> String {
    text.to_uppercase()
}
