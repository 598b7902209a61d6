//! Escalation: one open matter for a person. Written by tecrax.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, Criticality, LabelName, LocalRef};

/// One matter for a person: a finding of one Target, or one that many share. Written by tecrax; the spec is immutable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, CustomResource)]
#[kube(
    group = "tecrax.io",
    version = "v1alpha1",
    kind = "Escalation",
    namespaced,
    schema = "disabled",
    status = "EscalationStatus",
    shortname = "esc",
    category = "tecrax",
    printcolumn = r#"{"name":"Severity","type":"string","jsonPath":".status.severity"}"#,
    printcolumn = r#"{"name":"Target","type":"string","jsonPath":".spec.targetRef.name"}"#,
    printcolumn = r#"{"name":"Finding","type":"string","jsonPath":".spec.finding.reasonCode"}"#,
    printcolumn = r#"{"name":"Suppressed","type":"string","jsonPath":".status.suppressed.reason"}"#,
    printcolumn = r#"{"name":"Acknowledged","type":"string","jsonPath":".status.acknowledged.by"}"#,
    printcolumn = r#"{"name":"Resolved","type":"date","jsonPath":".status.resolvedAt"}"#,
    printcolumn = r#"{"name":"Since","type":"date","jsonPath":".status.firstSeen"}"#,
    printcolumn = r#"{"name":"Summary","type":"string","jsonPath":".status.summary","priority":1}"#
)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-immutable" = true))]
pub struct EscalationSpec {
    /// The Target; absent where it stands for many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_ref: Option<LocalRef>,
    /// What makes it one matter.
    pub finding: EscalationFinding,
}

/// What makes a matter one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EscalationFinding {
    /// What kind of thing: `reading`, `expectation`, `facts`, `waiver`.
    #[schemars(length(min = 1, max = 96))]
    pub kind: String,
    /// Which part of the target; `target` when it gives no answer at all.
    #[schemars(length(min = 1, max = 128))]
    pub component: String,
    /// Why.
    #[schemars(length(min = 1, max = 96))]
    pub reason_code: String,
}

/// Where the matter stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EscalationStatus {
    /// Conditions by type.
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// One sentence for a person; it may tell times.
    #[schemars(length(max = 1024))]
    pub summary: String,
    /// How loud it is: the highest of its claims.
    pub severity: Criticality,
    /// Where the runbook is.
    #[serde(default, rename = "runbookURL", skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub runbook_url: Option<String>,
    /// The Checks that claim it, by name.
    #[serde(default)]
    #[schemars(length(max = 64), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["check"]))]
    pub claims: Vec<EscalationClaim>,
    /// Counts the times it was opened, from 1.
    #[schemars(range(min = 1))]
    pub incident: u32,
    /// RFC 3339 instant it was first seen, this time.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub first_seen: String,
    /// RFC 3339 instant it was last seen.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub last_seen: String,
    /// RFC 3339 instant at which nobody claimed it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub resolved_at: Option<String>,
    /// Why nobody is called for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<EscalationSuppression>,
    /// Who knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<EscalationAcknowledgement>,
    /// Of one that stands for many: the first of them, by name.
    #[serde(default)]
    #[schemars(length(max = 32), inner(length(max = 253)))]
    pub members: Vec<String>,
    /// Of one that stands for many: how many there are.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub members_total: u64,
    /// The bounded, untrusted proposal, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub proposal: Option<String>,
    /// References into the evidence log.
    #[serde(default)]
    #[schemars(length(max = 32), inner(length(max = 256)))]
    pub evidence_refs: Vec<String>,
}

/// A Check that has confirmed the finding and has not seen it gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EscalationClaim {
    /// Name of the Check.
    pub check: LabelName,
    /// RFC 3339 instant of its first run that saw it.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub since: String,
    /// RFC 3339 instant of its latest run that saw it.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub last_seen: String,
    /// Its runs since then that saw it.
    #[schemars(range(min = 0))]
    pub seen: u32,
    /// Its runs since then that could have seen it.
    #[schemars(range(min = 0))]
    pub runs: u32,
}

/// Why nobody is called for an open matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EscalationSuppression {
    /// `ParentUnreachable`, `AwaitingParent`, `AwaitingGroup` or `PartOfGroup`.
    #[schemars(length(min = 1, max = 128))]
    pub reason: String,
    /// Name of the parent, or of the Escalation that stands for many.
    #[schemars(length(min = 1, max = 253))]
    pub by: String,
    /// RFC 3339 instant at which it ends at the latest; absent where it ends with what it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub until: Option<String>,
}

/// A person knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EscalationAcknowledgement {
    /// Who.
    #[schemars(length(min = 1, max = 128))]
    pub by: String,
    /// Why it can wait.
    #[schemars(length(min = 1, max = 512))]
    pub reason: String,
    /// RFC 3339 instant at which it was said.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub at: String,
    /// RFC 3339 instant at which it ends by itself.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub expires: String,
}
