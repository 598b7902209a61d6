//! Kubernetes' label syntax: the same labels must be good in a file and on an API server.

/// Characters of a label's name or value.
const NAME_MAX: usize = 63;
/// Characters of the DNS name before the `/` of a label key.
const PREFIX_MAX: usize = 253;

/// The rule of label keys.
pub(super) const KEY_RULE: &str = "use letters, digits, `-`, `_` and `.`, start and end with a letter or digit, at most 63 \
                                   characters, with an optional DNS name and `/` before it";
/// The rule of label values.
pub(super) const VALUE_RULE: &str =
    "use letters, digits, `-`, `_` and `.`, start and end with a letter or digit, at most 63 characters, or leave it empty";

/// Whether `text` may be a label key.
pub(super) fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        None => is_name(text),
        Some((prefix, name)) => {
            let part = |part: &str| {
                part.len() <= NAME_MAX && edges(part) && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            };
            prefix.len() <= PREFIX_MAX && prefix.split('.').all(part) && is_name(name)
        }
    }
}

/// Whether `text` may be a label value.
pub(super) fn is_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

fn is_name(text: &str) -> bool {
    text.len() <= NAME_MAX && edges(text) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn edges(text: &str) -> bool {
    let good = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    good(text.as_bytes().first()) && good(text.as_bytes().last())
}
