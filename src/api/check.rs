//! Check: the desire. This intent, on these Targets, this often.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CheckStatus, Duration, Expect, LabelName, LabelSelector, LocalRef, Parameter};

/// The desire: one intent on the Targets that are referenced or selected, this often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, CustomResource)]
#[kube(
    group = "tecrax.io",
    version = "v1alpha1",
    kind = "Check",
    namespaced,
    schema = "disabled",
    status = "CheckStatus",
    shortname = "chk",
    category = "tecrax",
    printcolumn = r#"{"name":"Intent","type":"string","jsonPath":".spec.intent"}"#,
    printcolumn = r#"{"name":"Interval","type":"string","jsonPath":".spec.interval"}"#,
    printcolumn = r#"{"name":"Schedule","type":"string","jsonPath":".spec.schedule.cron","priority":1}"#,
    printcolumn = r#"{"name":"Pairs","type":"integer","jsonPath":".status.pairs"}"#,
    printcolumn = r#"{"name":"Worst","type":"string","jsonPath":".status.worst"}"#,
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend(
    "x-tecrax-one-of" = ["targetRef", "targetSelector"],
    "x-tecrax-at-most-one-of" = ["interval", "schedule"]
))]
pub struct CheckSpec {
    /// The named question of the profile. Immutable.
    #[schemars(length(min = 1, max = 128), extend("x-tecrax-immutable" = true))]
    pub intent: String,
    /// Parameters that the profile declares for Checks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub parameters: Vec<Parameter>,
    /// One Target of the same namespace; exactly one of `targetRef` and `targetSelector`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_ref: Option<LocalRef>,
    /// Targets and expanded items of the same namespace, by label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_selector: Option<LabelSelector>,
    /// How often; 5m when neither `interval` nor `schedule` is set. At most one of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// When, by cron.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Time for the whole run with retries; 30s when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// How long evidence counts as fresh; 2 × interval + timeout when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh_for: Option<Duration>,
    /// When a reading is tried again within one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Thresholds over facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub expect: Vec<Expect>,
    /// Waivers. What they accept calls nobody, and the assessment stays what it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["finding"]))]
    pub accept: Vec<Accept>,
    /// How many runs in a row confirm a failure or a recovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmations: Option<Confirmations>,
    /// How a person hears about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation: Option<CheckEscalation>,
    /// Stops this Check.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspend: bool,
}

/// When, by cron.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Schedule {
    /// Five fields: minute, hour, day of month, month, day of week.
    #[schemars(length(min = 1, max = 128))]
    pub cron: String,
    /// IANA zone name; UTC when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub time_zone: Option<String>,
    /// How late a missed start may still run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_deadline: Option<Duration>,
}

/// When a reading is tried again within one run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Extra tries; 1 when absent.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 10))]
    pub attempts: u8,
    /// Pause between tries; 2s when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// What is tried again; `Timeout` and `Transient` when absent.
    #[serde(default = "retry_classes")]
    #[schemars(length(max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub on: Vec<RetryClass>,
}

const fn one() -> u8 {
    1
}

fn retry_classes() -> Vec<RetryClass> {
    vec![RetryClass::Timeout, RetryClass::Transient]
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: one(), interval: None, on: retry_classes() }
    }
}

/// What is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum RetryClass {
    /// A reading that ran into its time-out.
    Timeout,
    /// A connection that failed in a way that may pass.
    Transient,
}

/// A waiver of one finding, with an owner and an end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Name of an expectation, or a reason code of the intent.
    #[schemars(length(min = 1, max = 96))]
    pub finding: String,
    /// Why it is accepted.
    #[schemars(length(min = 1, max = 512))]
    pub reason: String,
    /// Who accepted it.
    #[schemars(length(min = 1, max = 128))]
    pub owner: String,
    /// RFC 3339 instant at which the waiver ends.
    #[schemars(length(min = 20, max = 40), extend("format" = "date-time"))]
    pub expires: String,
}

/// How many runs in a row confirm a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmations {
    /// Runs that confirm a failure.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10))]
    pub failures: u8,
    /// Runs that confirm a recovery.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10))]
    pub recoveries: u8,
}

impl Default for Confirmations {
    fn default() -> Self {
        Self { failures: one(), recoveries: one() }
    }
}

/// How a person hears about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CheckEscalation {
    /// Severity of the Escalation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<super::Criticality>,
    /// Where the runbook is.
    #[serde(rename = "runbookURL", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048))]
    pub runbook_url: Option<String>,
}

impl CheckSpec {
    /// The interval in force when no `schedule` is set.
    pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(300);
    /// The time-out in force when none is set.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

    /// The name an expectation is accepted under.
    pub fn expectation(&self, name: &LabelName) -> Option<&Expect> {
        self.expect.iter().find(|expect| &expect.name == name)
    }
}
