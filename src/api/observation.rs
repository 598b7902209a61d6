//! Observation: the latest status of a pair. Written by tecrax.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assessment, Condition, Coverage, LabelName, LocalRef, ReactionOutcome};

/// The latest status of one pair of Check and Target. Written by tecrax; the spec is immutable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, CustomResource)]
#[kube(
    group = "tecrax.io",
    version = "v1alpha1",
    kind = "Observation",
    namespaced,
    schema = "disabled",
    status = "ObservationStatus",
    shortname = "obs",
    category = "tecrax",
    printcolumn = r#"{"name":"Assessment","type":"string","jsonPath":".status.assessment"}"#,
    printcolumn = r#"{"name":"Reaction","type":"string","jsonPath":".status.reaction.outcome"}"#,
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Since","type":"date","jsonPath":".status.history[0].since"}"#,
    printcolumn = r#"{"name":"Intent","type":"string","jsonPath":".spec.intent","priority":1}"#,
    printcolumn = r#"{"name":"Summary","type":"string","jsonPath":".status.summary","priority":1}"#
)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-immutable" = true))]
pub struct ObservationSpec {
    /// The Check.
    pub check_ref: CheckRef,
    /// The Target.
    pub target_ref: LocalRef,
    /// The intent.
    #[schemars(length(min = 1, max = 128))]
    pub intent: String,
}

/// A reference to a Check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRef {
    /// Name of the Check.
    pub name: LabelName,
}

/// What the latest sealed evidence says. Written when its meaning changes, and only then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ObservationStatus {
    /// Conditions by type.
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// Generation of the Check's spec that was observed.
    #[schemars(range(min = 0))]
    pub observed_generation: i64,
    /// What it says.
    pub assessment: Assessment,
    /// How much was seen.
    pub coverage: Coverage,
    /// One sentence for a person; no durations, ids or counters.
    #[schemars(length(max = 1024))]
    pub summary: String,
    /// What is not as it should be.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub findings: Vec<StatusFinding>,
    /// What was decided.
    pub reaction: ReactionStatus,
    /// The last assessments, newest first, equal neighbours joined.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub history: Vec<HistoryEntry>,
}

/// One thing that is not as it should be, by key = kind + component + reason code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StatusFinding {
    /// What kind of thing: `reading`, `expectation`, `facts`, `waiver`.
    #[schemars(length(min = 1, max = 96))]
    pub kind: String,
    /// Which part of the target.
    #[schemars(length(min = 1, max = 128))]
    pub component: String,
    /// Why.
    #[schemars(length(min = 1, max = 96))]
    pub reason_code: String,
    /// One sentence for a person.
    #[schemars(length(max = 512))]
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub next_step: Option<String>,
}

/// What was decided, by which rule, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReactionStatus {
    /// The outcome.
    pub outcome: ReactionOutcome,
    /// The rule.
    #[schemars(length(min = 1, max = 128))]
    pub rule: String,
    /// The intent that was rerun, when one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub intent: Option<String>,
    /// How many reruns led here.
    pub depth: u32,
    /// CamelCase reason.
    #[schemars(length(min = 1, max = 128))]
    pub reason: String,
}

/// A span of equal assessments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HistoryEntry {
    /// What it said.
    pub assessment: Assessment,
    /// CamelCase reason of the Healthy condition.
    #[schemars(length(min = 1, max = 128))]
    pub reason: String,
    /// RFC 3339 instant of the first run of the span.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub since: String,
}
