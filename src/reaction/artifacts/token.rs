//! Words of an explanation: nothing in them can be a command or an address.

use std::sync::LazyLock;

use regex::Regex;

use crate::facts::text;

/// What the stack's language calls alphanumeric beyond ASCII: letters and numbers. `char::is_alphanumeric` takes vowel signs and
/// circled letters too.
static LETTER_OR_NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A[\p{L}\p{N}]\z").ok());

/// Whether `c` is a letter or a number.
pub fn is_alphanumeric(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let pattern = LETTER_OR_NUMBER.as_ref();
    c.is_alphanumeric() && pattern.is_some_and(|pattern| pattern.is_match(c.encode_utf8(&mut [0; 4])))
}

/// `text` on one line of at most `limit` characters, with `_` for everything but letters, numbers and `._:-`; `unknown` when nothing is
/// there.
pub fn token(words: &str, limit: usize) -> String {
    let line = text::collapse(words, limit);
    if line.is_empty() {
        return "unknown".to_owned();
    }
    line.chars().map(|c| if is_alphanumeric(c) || matches!(c, '.' | '_' | ':' | '-') { c } else { '_' }).collect()
}
