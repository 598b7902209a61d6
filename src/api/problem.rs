//! What is wrong with an input, where, and what to write instead.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The object or pair does not run; exit code 65.
    Error,
    /// It runs, but not as a reader may think.
    Warning,
    /// Worth knowing.
    Note,
}

/// A place in a file. Lines and columns count from 1; columns count characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// Path as the user wrote or would write it.
    pub file: Arc<str>,
    /// Line; 0 when the whole file is meant.
    pub line: u32,
    /// Column; 0 when the whole line is meant.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}

/// One problem of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// A constant of [`super::reason`].
    pub reason: &'static str,
    /// Where; `None` when no file is involved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The object it is about, as `Kind/name` or a pair, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// What is wrong: a lower-case fragment without a full stop, and without any part of the document that could hold a secret.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The offending line, for terminals only: it may hold a secret, so it is never serialized or logged.
    #[serde(skip)]
    pub line: Option<String>,
}

impl Problem {
    /// An error without a place.
    pub fn error(reason: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, reason, place: None, object: None, message: message.into(), help: None, line: None }
    }

    /// A warning without a place.
    pub fn warning(reason: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(reason, message) }
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Adds the object.
    #[must_use]
    pub fn about(mut self, object: impl Into<String>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// The candidate nearest to `word`, when it is near enough to be a slip: letter case is free, and of the rest at most a third
/// is wrong (a swap of neighbours counts once).
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().take(WORD_MAX).count() / 3).clamp(1, 8);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Characters of a word that are compared.
const WORD_MAX: usize = 128;

/// Optimal string alignment distance without letter case: insert, delete, replace, swap neighbours.
fn distance(left: &str, right: &str) -> usize {
    let fold = |text: &str| text.chars().take(WORD_MAX).flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (left, right) = (fold(left), fold(right));
    let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut cost = (at(&above, j) + usize::from(a != b)).min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            if let (Some(i), Some(j)) = (i.checked_sub(1), j.checked_sub(1))
                && left.get(i) == Some(b)
                && right.get(j) == Some(a)
            {
                cost = cost.min(at(&before, j) + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    at(&above, right.len())
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let fields = ["interval", "intent", "spec", "name", "timeout"];
        for (word, expected) in [
            ("intervall", Some("interval")),
            ("Interval", Some("interval")),
            ("itnent", Some("intent")),
            ("sepc", Some("spec")),
            ("nme", Some("name")),
            ("TIMEOUT", Some("timeout")),
            ("interval", None),
            ("every", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(did_you_mean(word, fields), expected, "{word}");
        }
        assert_eq!(did_you_mean(&"x".repeat(1 << 20), fields), None, "long words cost nothing");
    }
}
