//! Something wrong inside a document, before it has a file.

use crate::api::{Severity, reason};

use super::bounds::MAX_WORD;
use super::tree::Mark;

/// A problem at a place of the parsed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub severity: Severity,
    pub reason: &'static str,
    pub mark: Mark,
    pub message: String,
    pub help: Option<String>,
    /// Line of the parsed text where the same thing stands first.
    pub first_line: Option<u32>,
    /// Whether the line may be shown to a person.
    pub shown: bool,
}

impl Finding {
    /// An error.
    pub fn new(reason: &'static str, mark: Mark, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, reason, mark, message: message.into(), help: None, first_line: None, shown: true }
    }

    /// An error of a value's type or form.
    pub fn value(mark: Mark, message: impl Into<String>) -> Self {
        Self::new(reason::BAD_VALUE, mark, message)
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A word of the input as a message may repeat it: one line, bounded, without control characters.
pub(super) fn word(text: &str) -> String {
    let mut out: String = text.chars().take(MAX_WORD).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MAX_WORD).is_some() {
        out.push('…');
    }
    out
}
