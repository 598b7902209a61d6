//! What is declared but has no effect in this version: never silently ignored.

use super::report::{Report, Scope};

/// Warns at the field and remembers the sentence for status.
pub(super) fn note(report: &mut Report, scope: &Scope<'_>, path: &str, sentence: String, sentences: &mut Vec<String>) {
    report.idle(scope, path, &sentence);
    if !sentences.contains(&sentence) {
        sentences.push(sentence);
    }
}
