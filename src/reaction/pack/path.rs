//! The way to a value of an observation.

use serde_json::Value;

/// A dotted path, cut once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Box<str>>);

impl Path {
    /// Of a text such as `facts.verdict.assessment`.
    pub(super) fn parse(text: &str) -> Self {
        Self(text.split('.').map(Box::from).collect())
    }

    /// The value there: from object to object by key, beginning with the whole observation. Lists are not entered.
    pub(super) fn resolve<'v>(&self, observation: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(observation, |value, key| value.as_object()?.get(&**key))
    }
}
