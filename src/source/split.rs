//! Documents are split before they are parsed, so that a syntax error costs only its own document.
//!
//! Markers count only at column 0: YAML forbids `---` and `...` there inside every scalar and flow collection, so no valid
//! document is cut in two.

use std::ops::Range;

/// One document as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Bytes of the file, the leading `---` line and the closing `...` line included.
    pub range: Range<usize>,
    /// Line of the first byte, from 1.
    pub line: u32,
    /// Whether there is anything but markers, directives, comments and blanks.
    pub content: bool,
}

/// The byte order mark that may start a file.
pub(super) const BOM: &str = "\u{feff}";

/// Cuts `text` into chunks that lie side by side and cover it, except for a byte order mark at the start.
pub(super) fn split(text: &str) -> Split<'_> {
    Split { text, at: if text.starts_with(BOM) { BOM.len() } else { 0 }, line: 1, done: false }
}

/// The chunks of a text, cut lazily: a caller that stops early pays only for what it saw.
#[derive(Debug)]
pub(super) struct Split<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    done: bool,
}

impl Iterator for Split<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if self.done || rest.is_empty() {
            return None;
        }
        let mut chunk = Chunk { range: self.at..self.at, line: self.line, content: false };
        // A `---` belongs to the document that it opens, unless only directives and comments stand before it.
        let mut open = false;
        for line in Lines(rest) {
            let bytes = line.len();
            // Files that were put together may carry a mark before each part.
            let line = line.strip_prefix(BOM).unwrap_or(line);
            let marker = Marker::of(line);
            if marker == Some(Marker::Start) {
                if open || chunk.content {
                    break;
                }
                open = true;
                chunk.content |= !is_blank(line.get(3..).unwrap_or_default());
            } else if marker.is_none() {
                chunk.content |= !is_blank(line) && (open || !line.starts_with('%'));
            }
            chunk.range.end += bytes;
            self.line = self.line.saturating_add(1);
            if marker == Some(Marker::End) {
                break;
            }
        }
        self.at = chunk.range.end;
        self.done = self.at >= self.text.len();
        Some(chunk)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Start,
    End,
}

impl Marker {
    fn of(line: &str) -> Option<Self> {
        let marker = match line.get(..3)? {
            "---" => Self::Start,
            "..." => Self::End,
            _ => return None,
        };
        matches!(line.as_bytes().get(3), None | Some(b' ' | b'\t' | b'\r' | b'\n')).then_some(marker)
    }
}

/// Blank, or a comment. A comment with a character that YAML forbids is an error, and must not cost the document below it.
fn is_blank(line: &str) -> bool {
    let line = line.trim_matches([' ', '\t', '\r', '\n']);
    line.is_empty() || (line.starts_with('#') && !line.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\u{85}')))
}

/// Lines with their breaks: `\n`, `\r\n`, or a lone `\r`, the three that YAML knows.
#[derive(Debug)]
pub(super) struct Lines<'t>(pub &'t str);

impl<'t> Iterator for Lines<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let end = match self.0.bytes().position(|byte| byte == b'\n' || byte == b'\r') {
            None => self.0.len(),
            Some(at) if self.0.as_bytes().get(at..at + 2) == Some(b"\r\n") => at + 2,
            Some(at) => at + 1,
        };
        let (line, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        (!line.is_empty()).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BOM, Chunk, Lines, split};

    fn texts(text: &str) -> Vec<&str> {
        split(text).filter(|chunk| chunk.content).filter_map(|chunk| text.get(chunk.range)).collect()
    }

    #[test]
    fn markers_at_column_0_open_and_close_documents() {
        assert_eq!(texts("a\n---\nb\n...\nc\n"), ["a\n", "---\nb\n...\n", "c\n"]);
        assert_eq!(texts("--- {a: b}\n--- # x\nc"), ["--- {a: b}\n", "--- # x\nc"]);
        assert_eq!(texts("---\r\na\r\n---\rb"), ["---\r\na\r\n", "---\rb"]);
    }

    #[test]
    fn look_alikes_are_content() {
        assert_eq!(texts("---a\n----\n ---\n....\n"), ["---a\n----\n ---\n....\n"]);
    }

    #[test]
    fn a_quoted_scalar_ends_where_yaml_says() {
        assert_eq!(texts("a: \"x\n---\ny\"\n"), ["a: \"x\n", "---\ny\"\n"]);
    }

    #[test]
    fn directives_and_comments_belong_to_the_document_they_introduce() {
        assert_eq!(texts("# x\n%YAML 1.2\n---\na\n"), ["# x\n%YAML 1.2\n---\na\n"]);
        assert_eq!(texts("---\n%not-a-directive\n").len(), 1);
    }

    #[test]
    fn a_comment_that_yaml_forbids_stands_alone() {
        assert_eq!(texts("a\n...\n#\u{1}\n---\nb\n"), ["a\n...\n", "#\u{1}\n", "---\nb\n"]);
        assert_eq!(texts("#\tx\u{85}\n---\nb\n"), ["#\tx\u{85}\n---\nb\n"]);
    }

    #[test]
    fn empty_documents_have_no_content() {
        assert!(texts("---\n# x\n---\n\n...\n%YAML 1.2\n---\n").is_empty());
    }

    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("---".to_owned()),
            Just("...".to_owned()),
            Just("--- a".to_owned()),
            Just("%YAML".to_owned()),
            Just("# x".to_owned()),
            Just(BOM.to_owned()),
            Just(format!("{BOM}---")),
            "[ -~é]{0,6}",
        ];
        let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("")];
        prop::collection::vec((line, end), 0..24)
            .prop_map(|parts| parts.into_iter().flat_map(|(line, end)| [line, end.to_owned()]).collect())
    }

    proptest! {
        #[test]
        fn joining_gives_the_text_back(text in lines()) {
            let chunks: Vec<Chunk> = split(&text).collect();
            let joined: String = chunks.iter().filter_map(|chunk| text.get(chunk.range.clone())).collect();
            prop_assert_eq!(&joined, text.strip_prefix(BOM).unwrap_or(&text));
            for chunk in &chunks {
                let above = text.get(..chunk.range.start).map(|before| Lines(before).count());
                let bom = usize::from(text.starts_with(BOM));
                // A mark in front counts as a line of its own only for this counting.
                let lines = above.map(|above| if chunk.range.start <= BOM.len() * bom { 0 } else { above });
                prop_assert_eq!(lines, Some(chunk.line as usize - 1));
            }
        }
    }
}
