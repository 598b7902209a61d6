//! Why an artifact is refused.

/// Why an observation or a proposal is refused: the code of the Python stack, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Rejected(String);

impl Rejected {
    pub(super) fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }
}
