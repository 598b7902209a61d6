//! Status of the kinds that a user writes. Spec files are never written; these exist on an API server and in `get` output.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assessment, Condition};

/// Status of a TargetSet or a Policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ObjectStatus {
    /// Conditions by type.
    #[serde(default)]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// Status of a Target: `Ready` and `Reachable`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TargetStatus {
    /// Conditions by type.
    #[serde(default)]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// Status of a Check: the roll-up of its pairs. The four counts add up to `pairs`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CheckStatus {
    /// Conditions by type.
    #[serde(default)]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// Targets that the Check covers.
    #[serde(default)]
    pub pairs: u32,
    /// Pairs whose latest assessment is `healthy`.
    #[serde(default)]
    pub healthy: u32,
    /// Pairs whose latest assessment is `degraded`.
    #[serde(default)]
    pub degraded: u32,
    /// Pairs whose latest assessment is `unhealthy`.
    #[serde(default)]
    pub unhealthy: u32,
    /// Pairs whose latest assessment is `unknown`, those without fresh evidence included.
    #[serde(default)]
    pub unknown: u32,
    /// The loudest assessment of any pair; absent when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<Assessment>,
}

/// Status of a Sink: `Ready` says whether what was sent last was accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SinkStatus {
    /// Conditions by type.
    #[serde(default)]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// Notices that were tried and not accepted yet.
    #[serde(default)]
    pub waiting: u32,
    /// RFC 3339 instant at which something was accepted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub last_delivery_time: Option<String>,
}
