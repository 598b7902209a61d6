//! Escalation: one open matter for a person. Written by tecrax.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, Criticality, LocalRef, StatusFinding};

/// What the matter is. Immutable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EscalationSpec {
    /// The Target.
    pub target_ref: LocalRef,
    /// The finding that opened it.
    pub finding: StatusFinding,
    /// How loud it is.
    pub severity: Criticality,
}

/// Where the matter stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EscalationStatus {
    /// Conditions by type.
    #[schemars(length(max = 8))]
    pub conditions: Vec<Condition>,
    /// One sentence for a person.
    #[schemars(length(max = 1024))]
    pub summary: String,
    /// The bounded, untrusted proposal, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub proposal: Option<String>,
    /// References into the evidence log.
    #[serde(default)]
    #[schemars(length(max = 32), inner(length(max = 256)))]
    pub evidence_refs: Vec<String>,
    /// RFC 3339 instant it was first seen.
    #[schemars(length(max = 40))]
    pub first_seen: String,
    /// RFC 3339 instant it was last seen.
    #[schemars(length(max = 40))]
    pub last_seen: String,
    /// Somebody knows.
    #[serde(default)]
    pub acknowledged: bool,
    /// A parent is the cause.
    #[serde(default)]
    pub suppressed: bool,
    /// It is over.
    #[serde(default)]
    pub resolved: bool,
}
