//! Parts of a text that must not be seen.

use std::ops::Range;

/// What a removed part is replaced by.
pub(crate) const MARK: &str = "[REDACTED]";

/// `text` with every part replaced by [`MARK`]; parts that overlap or touch become one mark. `None` when there is no part.
///
/// Parts must begin and end at characters; one that does not is widened to the whole rest of the text.
pub(crate) fn replaced(text: &str, mut parts: Vec<Range<usize>>) -> Option<String> {
    if parts.is_empty() {
        return None;
    }
    parts.sort_unstable_by_key(|part| part.start);
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for part in parts {
        if part.start > end || (end == 0 && part.start == 0) {
            let Some(kept) = text.get(end..part.start) else {
                out.push_str(MARK);
                return Some(out);
            };
            out.push_str(kept);
            out.push_str(MARK);
        }
        end = end.max(part.end);
    }
    out.push_str(text.get(end..).unwrap_or_default());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn parts_that_overlap_or_touch_become_one_mark() {
        for (parts, expected) in [
            ([0..2, 0..2], "[REDACTED]cdefgh"),
            ([0..8, 2..3], "[REDACTED]"),
            ([4..8, 1..5], "a[REDACTED]"),
            ([1..3, 3..5], "a[REDACTED]fgh"),
            ([4..5, 0..2], "[REDACTED]cd[REDACTED]fgh"),
        ] {
            assert_eq!(replaced("abcdefgh", parts.to_vec()).as_deref(), Some(expected));
        }
        assert_eq!(replaced("abcdefgh", Vec::new()), None);
    }
}
