//! Policy: who may check what, and how much.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LabelName, LabelSelector, ObjectStatus};

/// Who may check what, and how much: rules for the pairs that both selectors match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, CustomResource)]
#[kube(
    group = "tecrax.io",
    version = "v1alpha1",
    kind = "Policy",
    plural = "policies",
    namespaced,
    schema = "disabled",
    status = "ObjectStatus",
    shortname = "pol",
    category = "tecrax",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PolicySpec {
    /// Targets it covers.
    #[serde(default)]
    pub target_selector: LabelSelector,
    /// Checks it covers.
    #[serde(default)]
    pub check_selector: LabelSelector,
    /// Rules. Of those that match Deny wins, then ApprovalRequired, then AllowWithObligations, then Allow.
    #[schemars(length(max = 256))]
    pub rules: Vec<PolicyRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PolicyRule {
    /// Name, shown when it decides.
    pub name: LabelName,
    /// What it decides.
    pub effect: PolicyEffect,
    /// All must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub conditions: Vec<PolicyCondition>,
    /// What an admitted run must do; for AllowWithObligations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub obligations: Vec<PolicyObligation>,
    /// What an admitted run must not exceed; for AllowWithObligations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub constraints: Vec<PolicyConstraint>,
    /// Which of several matching rules of one effect decides: the highest. Never decides between effects.
    #[serde(default)]
    #[schemars(range(min = -10000, max = 10000))]
    pub priority: i32,
    /// Reason code of the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub reason_code: Option<String>,
}

/// What a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum PolicyEffect {
    /// May run.
    Allow,
    /// May run when every obligation is met.
    AllowWithObligations,
    /// May not run without a person.
    ApprovalRequired,
    /// May not run.
    Deny,
}

/// One condition: the request's value at `key` is one of `values`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyCondition {
    /// Dotted key of the request, such as `action.intent`.
    #[schemars(length(min = 1, max = 128))]
    pub key: String,
    /// Accepted values.
    #[schemars(length(max = 64), inner(length(max = 256)))]
    pub values: Vec<String>,
}

/// What an admitted run must do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyObligation {
    /// Name.
    pub name: LabelName,
    /// `receipt` or `output_digest_required`.
    #[schemars(length(min = 1, max = 128))]
    pub kind: String,
}

/// What an admitted run must not exceed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyConstraint {
    /// Name.
    pub name: LabelName,
    /// `timeout`, `max_steps`, `output_limit`, `max_total_bytes`, `max_connections` or `sandbox`.
    #[schemars(length(min = 1, max = 128))]
    pub kind: String,
    /// Its value, read by the type of the kind.
    #[schemars(length(min = 1, max = 256))]
    pub value: String,
}
