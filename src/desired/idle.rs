//! What is declared but has no effect in this version: never silently ignored.

use super::report::{Report, Scope};
use crate::api::reason;

/// Warns at the field and remembers the sentence for status.
pub(super) fn note(report: &mut Report, scope: &Scope<'_>, path: &str, sentence: String, sentences: &mut Vec<String>) {
    report.warn(scope, path, reason::NOT_IN_EFFECT, sentence.clone());
    if !sentences.contains(&sentence) {
        sentences.push(sentence);
    }
}
