//! What an Escalation says: the body of its records.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Context, words};
use crate::api::{Criticality, EscalationName, FindingKey, LabelName, StatusFinding, SubdomainName, reason};

/// Most claims that are kept by name; more are counted.
pub const CLAIMS_MAX: usize = 64;
/// Most members of a group that are kept by name; more are counted.
pub const MEMBERS_MAX: usize = 32;

/// The state of one open or resolved matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// The Target; `None` for a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<SubdomainName>,
    /// What makes it one matter. When a Target as a whole gives no answer it is [`super::loss_key`], whichever Check noticed.
    pub key: FindingKey,
    /// The finding in the words of the claim that has lasted longest.
    pub finding: StatusFinding,
    /// The highest of all claims.
    pub severity: Criticality,
    /// Where the runbook is: of the first claiming Check that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    /// Who claims it, by Check; those of the end stay when it is resolved. Empty for a group.
    pub claims: Vec<Claim>,
    /// How many claims there are, those beyond [`CLAIMS_MAX`] included.
    pub claims_total: u64,
    /// Counts the times it was opened, from 1.
    pub incident: u32,
    /// Start of the first run of this incident that saw it.
    pub first_seen: Timestamp,
    /// Start of the latest run that saw it, as of this record.
    pub last_seen: Timestamp,
    /// When nobody claimed it any more; `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// Why nobody is called for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppression>,
    /// Who knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgement>,
    /// Of a group: whom it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Members>,
    /// One sentence for a person, as of this record.
    pub summary: String,
    /// What else a person wants to know, as of when it was opened.
    pub context: Context,
}

/// A Check that has the finding confirmed on this Target and has not seen it gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The Check.
    pub check: LabelName,
    /// Start of its first run of this span that saw the finding.
    pub since: Timestamp,
    /// Start of its latest run that saw it, as of the record.
    pub last_seen: Timestamp,
    /// Its runs since then that saw it, as of the record.
    pub seen: u32,
    /// Its runs since then that could have seen it.
    pub runs: u32,
}

/// Why nobody is called for an open matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Why.
    #[serde(rename = "because")]
    pub reason: SuppressionReason,
    /// Name of the parent, or of the grouped Escalation.
    #[serde(rename = "name")]
    pub by: String,
    /// When it ends at the latest, where that is known from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Why nobody is called for an open matter. CamelCase: these are reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SuppressionReason {
    /// A parent gives no answer, or did until after the Target was last looked at.
    ParentUnreachable,
    /// The Target gives no answer, and a parent has not been looked at since.
    AwaitingParent,
    /// The Target gives no answer, and whether that is a mass failure is known after others have been looked at.
    AwaitingGroup,
    /// A grouped Escalation stands for it.
    PartOfGroup,
}

impl SuppressionReason {
    /// The CamelCase word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ParentUnreachable => reason::PARENT_UNREACHABLE,
            Self::AwaitingParent => reason::AWAITING_PARENT,
            Self::AwaitingGroup => reason::AWAITING_GROUP,
            Self::PartOfGroup => reason::PART_OF_GROUP,
        }
    }
}

/// A person knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Who.
    pub by: String,
    /// Why it can wait.
    pub reason: String,
    /// When it was said.
    pub at: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// Whom a group is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    /// The first [`MEMBERS_MAX`] Escalations that it stands for, in name order.
    pub names: Vec<EscalationName>,
    /// How many there are.
    pub total: u64,
    /// How many Targets were looked at when it was opened.
    pub of: u64,
}

impl Matter {
    /// Whether it is open.
    pub const fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }

    /// The acknowledgement in force at `now`: it ends by itself.
    pub fn acknowledged_at(&self, now: Timestamp) -> Option<&Acknowledgement> {
        self.acknowledged.as_ref().filter(|acknowledged| self.is_open() && now < acknowledged.expires)
    }

    /// Whether a person is to be called for it at `now`: open, not suppressed, not acknowledged.
    pub fn calls(&self, now: Timestamp) -> bool {
        self.is_open() && self.suppressed.is_none() && self.acknowledged_at(now).is_none()
    }

    /// The sentence for a person as of `now`.
    pub fn summary_at(&self, now: Timestamp) -> String {
        match (&self.target, self.is_open()) {
            (Some(target), true) => words::of_target(target, &self.finding.message, &self.claims, now),
            _ => self.summary.clone(),
        }
    }

    /// Whether both say the same to a person. Counts, instants of the latest run and wording change with every run and do not count;
    /// suppression does.
    pub fn means(&self, other: &Self) -> bool {
        let checks = |matter: &Self| matter.claims.iter().map(|claim| claim.check.clone()).collect::<Vec<_>>();
        self.is_open() == other.is_open()
            && self.severity == other.severity
            && self.runbook == other.runbook
            && self.suppressed == other.suppressed
            && self.claims_total == other.claims_total
            && checks(self) == checks(other)
            && self.members.as_ref().map(|members| (&members.names, members.total))
                == other.members.as_ref().map(|members| (&members.names, members.total))
    }
}
