//! Exit codes: API, documented in `docs/exit-codes.md`, which a test keeps equal to this file.

use crate::api::Assessment;
use crate::status::Counts;

/// What a command ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Everything in scope is healthy, or the command did what was asked.
    Ok,
    /// Some pair in scope is degraded or unhealthy.
    Failing,
    /// Some pair in scope is unknown.
    Unknown,
    /// The command line could not be understood.
    Usage,
    /// Some manifest is wrong; the good ones still ran.
    Manifest,
    /// The state directory, or reading and writing, failed.
    Io,
    /// A flag has a bad value, or the profile, a key or a secrets file can not be used.
    Config,
}

/// Every exit code: number, name, sentence.
pub const ALL: &[(u8, &str, &str)] = &[
    (0, "Ok", "every pair in scope is healthy or accepted, or the command did what was asked"),
    (1, "Failing", "some pair in scope is degraded or unhealthy"),
    (2, "Unknown", "some pair in scope is unknown: it could not be seen, its evidence is stale, or a deadline came first"),
    (64, "Usage", "the command line could not be understood"),
    (65, "Manifest", "some manifest is wrong; the good ones still ran"),
    (74, "Io", "the state directory, or reading and writing, failed"),
    (78, "Config", "a flag has a bad value, or the profile, a key or a secrets file can not be used"),
];

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failing => 1,
            Self::Unknown => 2,
            Self::Usage => 64,
            Self::Manifest => 65,
            Self::Io => 74,
            Self::Config => 78,
        }
    }

    /// The one that a caller must hear of: 78, 74, 65, 64, 2, 1, 0.
    #[must_use]
    pub const fn worst(self, other: Self) -> Self {
        if self.code() >= other.code() { self } else { other }
    }

    /// The exit code of what stands: unknown before failing before healthy. What is accepted counts as healthy.
    pub const fn of_counts(counts: &Counts) -> Self {
        if counts.unknown > 0 {
            Self::Unknown
        } else {
            match counts.worst() {
                Some(Assessment::Degraded | Assessment::Unhealthy) => Self::Failing,
                Some(Assessment::Unknown) => Self::Unknown,
                Some(Assessment::Healthy) | None => Self::Ok,
            }
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What it ends with.
    pub exit: Exit,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Failure {
    /// A failure without help.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        Self::new(exit_of(&error), error.to_string())
    }
}

impl From<crate::secrets::SecretError> for Failure {
    fn from(error: crate::secrets::SecretError) -> Self {
        Self::new(Exit::Config, error.message).help(error.help)
    }
}

impl From<std::sync::Arc<crate::store::StoreError>> for Failure {
    fn from(error: std::sync::Arc<crate::store::StoreError>) -> Self {
        Self::new(exit_of(&error), error.to_string())
    }
}

const fn exit_of(error: &crate::store::StoreError) -> Exit {
    match error {
        crate::store::StoreError::Key { .. } => Exit::Config,
        _ => Exit::Io,
    }
}
