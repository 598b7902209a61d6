//! A finding over time: what a pair remembers of it from run to run.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Criticality, StatusFinding};

/// What makes two findings of a Target the same matter: kind, component and reason code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingKey {
    /// What kind of thing: `reading`, `expectation`, `facts`, `waiver`.
    pub kind: String,
    /// Which part of the target.
    pub component: String,
    /// Why.
    pub reason_code: String,
}

impl From<&StatusFinding> for FindingKey {
    fn from(finding: &StatusFinding) -> Self {
        let StatusFinding { kind, component, reason_code, .. } = finding;
        Self { kind: kind.clone(), component: component.clone(), reason_code: reason_code.clone() }
    }
}

/// `kind/component/reason_code`.
impl fmt::Display for FindingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.component, self.reason_code)
    }
}

/// Where a finding stands in its pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingStage {
    /// Seen, and not confirmed yet.
    Pending,
    /// Seen, and waived by the Check's `accept`.
    Accepted,
    /// Confirmed: the pair claims an Escalation for it, until it has been seen gone.
    Raised,
}

impl FindingStage {
    /// The word used in evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Raised => "raised",
        }
    }
}

/// A finding that a pair has seen and not yet seen gone for long enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackedFinding {
    /// The finding in its latest words.
    pub finding: StatusFinding,
    /// How loud it is: the Check's word, else the rule's.
    pub severity: Criticality,
    /// Where it stands.
    pub stage: FindingStage,
    /// Start of the first run of this span that saw it.
    pub first_seen: Timestamp,
    /// Start of the latest run that saw it.
    pub last_seen: Timestamp,
    /// Runs in a row that saw it; reruns do not count.
    pub seen: u32,
    /// Runs in a row that could have seen it and did not. A run that could not look counts neither way.
    pub gone: u32,
    /// Runs of this span before those in a row that saw it: more than none only where a recovery needs several runs and did not come.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seen_before: u32,
    /// Runs of this span before those in a row that could have seen it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub runs_before: u32,
    /// Components whose readings failed when it was last seen: a run that is blind in more places does not prove it gone.
    #[serde(default)]
    pub blind: Vec<String>,
}

impl TrackedFinding {
    /// Its key.
    pub fn key(&self) -> FindingKey {
        FindingKey::from(&self.finding)
    }

    /// Runs since [`Self::first_seen`] that saw it.
    pub const fn seen_of_span(&self) -> u32 {
        self.seen_before.saturating_add(self.seen)
    }

    /// Runs since [`Self::first_seen`] that could have seen it.
    pub const fn runs_of_span(&self) -> u32 {
        self.runs_before.saturating_add(self.seen).saturating_add(self.gone)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}
