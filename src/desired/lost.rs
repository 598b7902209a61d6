//! What the errors of a build may hide: which objects are absent because something is wrong, and which because nobody wants them.

use std::collections::BTreeSet;

use crate::api::{Problem, Severity, reason};

/// What errors may hide.
#[derive(Debug, Clone, Default)]
pub struct Lost<'a> {
    /// Objects (`Kind/name`) and pairs that an error names.
    named: BTreeSet<&'a str>,
    /// Files and directories with an error about something without a name.
    places: BTreeSet<String>,
    /// Whether files were left out without being named.
    anything: bool,
}

impl<'a> Lost<'a> {
    /// What `problems` say. `absolute` makes one name of all that a file may go by.
    pub fn of(problems: &'a [Problem], absolute: &dyn Fn(&str) -> String) -> Self {
        let mut lost = Self::default();
        for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
            match (&problem.object, &problem.place) {
                (Some(object), _) => drop(lost.named.insert(object)),
                (None, Some(place)) => {
                    lost.anything |= problem.reason == reason::TOO_LARGE && place.line == 0;
                    lost.places.insert(absolute(&place.file));
                }
                (None, None) => lost.anything = true,
            }
        }
        lost
    }

    /// Whether nothing is hidden.
    pub fn is_nothing(&self) -> bool {
        self.named.is_empty() && self.places.is_empty() && !self.anything
    }

    /// Whether an error names this object (`Kind/name`) or pair (`namespace/check.target`).
    pub fn names(&self, object: &str) -> bool {
        self.named.contains(object)
    }

    /// Whether an object that is absent may stand where the errors are: one names it, or its own file, or a directory above it, has one
    /// about something that has no name. `file` is an absolute name. An object that has gone from a file without errors is gone, whatever is wrong elsewhere.
    pub fn may_hide(&self, kind: &str, name: &str, file: &str) -> bool {
        // As many look-ups as the file has directories above it, however many places there are.
        let above = || file.match_indices('/').flat_map(|(at, _)| [file.get(..at), file.get(..=at)]).flatten();
        self.anything
            || self.names(&format!("{kind}/{name}"))
            || self.places.contains(file)
            || above().any(|place| self.places.contains(place))
    }
}
