//! Words of others inside our own.

/// `text` without control characters, at most `bound` characters.
pub fn printable(text: &str, bound: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(bound).collect()
}
