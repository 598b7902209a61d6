//! What happened to an Escalation.

use serde::{Deserialize, Serialize};

/// What happened to an Escalation. When more than one did, the record names the last of them in the order of this list; the state in
/// it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationChange {
    /// Claims, severity, runbook or members are others.
    Updated,
    /// A person took an acknowledgement back.
    Unacknowledged,
    /// A person knows.
    Acknowledged,
    /// Nobody is called for it any more.
    Suppressed,
    /// A person is called for it after all.
    Unsuppressed,
    /// It is there.
    Opened,
    /// It is there again.
    Reopened,
    /// Nobody claims it any more.
    Resolved,
}

impl EscalationChange {
    /// Every change.
    pub const ALL: [Self; 8] = [
        Self::Updated,
        Self::Unacknowledged,
        Self::Acknowledged,
        Self::Suppressed,
        Self::Unsuppressed,
        Self::Opened,
        Self::Reopened,
        Self::Resolved,
    ];

    /// The word in records and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Unacknowledged => "unacknowledged",
            Self::Acknowledged => "acknowledged",
            Self::Suppressed => "suppressed",
            Self::Unsuppressed => "unsuppressed",
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Resolved => "resolved",
        }
    }
}
