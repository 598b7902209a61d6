//! Escalation: one open matter for a person. Written by tecrax.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, Criticality, LocalRef, StatusFinding};

/// One open matter for a person. Written by tecrax; the spec is immutable.
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
    printcolumn = r#"{"name":"Severity","type":"string","jsonPath":".spec.severity"}"#,
    printcolumn = r#"{"name":"Target","type":"string","jsonPath":".spec.targetRef.name"}"#,
    printcolumn = r#"{"name":"Finding","type":"string","jsonPath":".spec.finding.reasonCode"}"#,
    printcolumn = r#"{"name":"Acknowledged","type":"boolean","jsonPath":".status.acknowledged"}"#,
    printcolumn = r#"{"name":"Resolved","type":"boolean","jsonPath":".status.resolved"}"#,
    printcolumn = r#"{"name":"Since","type":"date","jsonPath":".status.firstSeen"}"#
)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-immutable" = true))]
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
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
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
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub first_seen: String,
    /// RFC 3339 instant it was last seen.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
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
