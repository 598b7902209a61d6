//! The bounded result of one shape on one connection.

use crate::api::{Digest, ErrorClass};

/// What a command answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Standard output as text, cut to the shape's bound.
    pub stdout: String,
    /// Standard error as text, cut to the shape's bound.
    pub stderr: String,
    /// Exit status.
    pub exit_code: i32,
    /// Digest of the kept bytes of stdout and stderr.
    pub digest: Digest,
}

/// Why there is no usable output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The class.
    pub class: ErrorClass,
    /// What happened: one bounded line, no secrets, no durations that change from run to run.
    pub message: String,
    /// What to do next, as a sentence or a command to type.
    pub next_step: Option<String>,
    /// What was read before it failed: a cut output, or that of a command with an unlisted exit status.
    pub partial: Option<Box<Output>>,
}

impl Failure {
    /// A failure without a next step.
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), next_step: None, partial: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_step = Some(step.into());
        self
    }
}
