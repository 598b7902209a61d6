//! What policy refused since the last run of a pair.

use serde::{Deserialize, Serialize};

use crate::api::{Digest, reason};

/// A plan that policy refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Digest of the plan.
    pub plan_digest: Digest,
    /// Digest of the policy.
    pub policy_digest: Digest,
    /// What is wrong with the plan.
    pub message: String,
    /// `Denied`, `ApprovalRequired` or `PolicyUnusable`; none in old records, which mean `Denied`.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Refusal {
    /// Its reason; one that this version does not know counts as `Denied`.
    pub fn reason(&self) -> &'static str {
        let known = [reason::DENIED, reason::APPROVAL_REQUIRED, reason::POLICY_UNUSABLE];
        known.into_iter().find(|known| self.reason.as_deref() == Some(*known)).unwrap_or(reason::DENIED)
    }
}
