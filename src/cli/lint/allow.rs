//! Comments that let a line pass: `tecrax-lint: allow LABEL[,LABEL] reason`.

use super::label::{ALL, Label};

const MARK: &str = "tecrax-lint:";
/// Signs that begin a comment in the kinds of files that are scanned.
const SIGNS: [&str; 7] = ["#", "//", ";", "<!--", "..", "--", "/*"];

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Allow {
    /// These labels may stand here.
    Labels(Vec<Label>),
    /// It is meant as such a comment and is none: no known label, no reason, or no comment sign.
    Invalid { column: usize },
}

/// The comment in a line, if there is one.
pub(super) fn read(line: &str) -> Option<Allow> {
    let at = line.find(MARK)?;
    let (before, after) = line.split_at(at);
    let invalid = Allow::Invalid { column: before.chars().count() + 1 };
    let rest = after.strip_prefix(MARK)?.trim_start();
    // Prose may name the comment without being one.
    let rest = rest.strip_prefix("allow").filter(|rest| rest.starts_with([' ', '\t']) || rest.is_empty())?;
    if !SIGNS.iter().any(|sign| before.trim_end().ends_with(sign)) {
        return before.trim().is_empty().then_some(invalid);
    }
    let rest = rest.trim().trim_end_matches("-->").trim_end_matches("*/").trim();
    let (labels, reason) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    let labels: Option<Vec<Label>> =
        labels.split(',').map(|word| ALL.into_iter().find(|label| label.word() == word.trim_end_matches(':'))).collect();
    Some(match labels {
        Some(labels) if reason.chars().any(char::is_alphanumeric) => Allow::Labels(labels),
        _ => invalid,
    })
}
