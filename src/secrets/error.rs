//! Why a secret can not be had.

/// What is wrong with a source or a reference, and what to do. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SecretError {
    /// What is wrong and where, in one line.
    pub message: String,
    /// What to do, as a sentence.
    pub help: String,
}

impl SecretError {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}
