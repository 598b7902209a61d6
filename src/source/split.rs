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

/// Blank, or a comment.
fn is_blank(line: &str) -> bool {
    let line = line.trim_matches([' ', '\t', '\r', '\n']);
    line.is_empty() || line.starts_with('#')
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
