//! Why a pack or a request is not taken.

use std::fmt;

/// One step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a member of a map.
    Key(String),
    /// Into an item of a list, counted from 0.
    Item(usize),
}

/// A pack or a request that is not taken: the reason code of the Python stack, and the place inside the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct Refused {
    /// The reason code, such as `policy_rule_without_conditions` or `unknown_policy_rule_effect:permit`.
    pub code: String,
    /// The way to the value that is wrong; it ends at the parent of one that is missing.
    pub at: Vec<Step>,
}

impl Refused {
    pub(super) fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), at: Vec::new() }
    }

    /// The same, seen from the list or map around it.
    pub(super) fn inside(mut self, around: impl IntoIterator<Item = Step>) -> Self {
        let mut at: Vec<Step> = around.into_iter().collect();
        at.append(&mut self.at);
        self.at = at;
        self
    }

    /// The same, at a member.
    pub(super) fn at(self, key: &str) -> Self {
        self.inside([Step::Key(key.to_owned())])
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, ".{key}"),
            Self::Item(index) => write!(f, "[{index}]"),
        }
    }
}
