//! What a person says about an open matter.

use super::EscalationChange;
use super::matter::{Acknowledgement, Matter};

/// Why an acknowledgement was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    /// The matter is over.
    #[error("it is resolved: there is nothing to acknowledge")]
    Resolved,
    /// It ends before it begins.
    #[error("it would expire before it begins")]
    Expired,
    /// Nobody has acknowledged it, or that has expired.
    #[error("it is not acknowledged")]
    NotAcknowledged,
}

/// The matter with `said`, which replaces an earlier acknowledgement and ends by itself.
///
/// # Errors
/// [`AckError::Resolved`], [`AckError::Expired`]
pub fn acknowledge(matter: &Matter, said: Acknowledgement) -> Result<(EscalationChange, Matter), AckError> {
    if !matter.is_open() {
        return Err(AckError::Resolved);
    }
    if said.expires <= said.at {
        return Err(AckError::Expired);
    }
    Ok((EscalationChange::Acknowledged, Matter { acknowledged: Some(said), ..matter.clone() }))
}

/// The matter without the acknowledgement in force at `now`.
///
/// # Errors
/// [`AckError::NotAcknowledged`]
pub fn withdraw(matter: &Matter, now: jiff::Timestamp) -> Result<(EscalationChange, Matter), AckError> {
    matter.acknowledged_at(now).ok_or(AckError::NotAcknowledged)?;
    Ok((EscalationChange::Unacknowledged, Matter { acknowledged: None, ..matter.clone() }))
}
