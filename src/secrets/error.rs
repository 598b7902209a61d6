//! Why a secret can not be had.

use std::io;

/// What is wrong with a source or a reference, and what to do. Holds no value.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SecretError {
    /// What is wrong and where, in one line.
    pub message: String,
    /// What to do, as a sentence.
    pub help: String,
    /// What the system said, where it is that.
    #[source]
    pub cause: Option<io::Error>,
}

impl SecretError {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), cause: None }
    }

    /// The same, with what the system said.
    pub(super) fn because(self, cause: io::Error) -> Self {
        Self { cause: Some(cause), ..self }
    }
}
