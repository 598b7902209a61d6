//! What is well-formed JSON and yet has no bytes to be hashed.

use super::JsonErrorKind;

/// No place.
const NOWHERE: usize = usize::MAX;

/// Where the first number without a finite value and the first half of a surrogate pair stand in a value. It goes with the value,
/// because a value that a later key replaces is never hashed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taint {
    non_finite: usize,
    surrogate: usize,
}

impl Taint {
    /// Nothing is wrong.
    pub(super) const NONE: Self = Self { non_finite: NOWHERE, surrogate: NOWHERE };

    pub(super) const fn non_finite(at: usize) -> Self {
        Self { non_finite: at, surrogate: NOWHERE }
    }

    pub(super) const fn surrogate(at: usize) -> Self {
        Self { non_finite: NOWHERE, surrogate: at }
    }

    /// The first of both.
    pub(super) fn or(self, other: Self) -> Self {
        Self { non_finite: self.non_finite.min(other.non_finite), surrogate: self.surrogate.min(other.surrogate) }
    }

    /// What a document is refused for. Python meets numbers without a finite value before it meets lone surrogates.
    pub(super) const fn found(self) -> Option<(JsonErrorKind, usize)> {
        match self {
            Self { non_finite: NOWHERE, surrogate: NOWHERE } => None,
            Self { non_finite: NOWHERE, surrogate } => Some((JsonErrorKind::LoneSurrogate, surrogate)),
            Self { non_finite, .. } => Some((JsonErrorKind::NonFinite, non_finite)),
        }
    }
}
