//! What a webhook is sent: the body of the request. `schemas/webhook.schema.json` is rendered from these types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::{self, Labels};
use super::{Criticality, FindingKey};

/// What tecrax sends to a webhook Sink: JSON in the body of a POST request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WebhookBody {
    /// The version of this form: `1`. Fields may be added to it; none is removed or changes its meaning.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// The same for the same incident and phase, however often it is sent: a receiver that has seen it ignores it. Also in the
    /// headers `Idempotency-Key` and `webhook-id`.
    #[schemars(length(min = 1, max = 256))]
    pub id: String,
    /// What is said.
    pub phase: WebhookPhase,
    /// RFC 3339 instant of this try.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub sent_at: String,
    /// `namespace/name` of the Sink.
    #[schemars(length(max = 256))]
    pub sink: String,
    /// The incident; absent in a heartbeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<WebhookIncident>,
    /// The latest checkpoint of the evidence log as one word, `checkpoint=…`: whoever keeps it can prove later that nothing before it
    /// was rewritten (`tecrax evidence verify --checkpoint`). Absent while nothing is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub checkpoint: Option<String>,
    /// Version of tecrax.
    #[schemars(length(max = 64))]
    pub tecrax: String,
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WebhookPhase {
    /// The incident is open.
    Firing,
    /// The incident is over.
    Resolved,
    /// tecrax is alive.
    Heartbeat,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WebhookIncident {
    /// Namespace of the Escalation.
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// Name of the Escalation.
    #[schemars(length(max = 253))]
    pub escalation: String,
    /// uid of the Escalation; the same whenever it is opened again.
    #[schemars(length(max = 64))]
    pub uid: String,
    /// Which time it is open, from 1. A higher number means that every lower one is over.
    #[schemars(range(min = 1))]
    pub incident: u64,
    /// How loud it is.
    pub severity: Criticality,
    /// What is wrong.
    pub finding: WebhookFinding,
    /// The Targets it is about; of a large group the first.
    #[schemars(length(max = 50))]
    pub targets: Vec<WebhookTarget>,
    /// How many Targets it is about.
    pub target_count: u64,
    /// One sentence.
    #[schemars(length(max = 1100))]
    pub summary: String,
    /// What a person wants to know besides, a line each.
    #[schemars(length(max = 32), inner(length(max = 1100)))]
    pub description: Vec<String>,
    /// Where the runbook is.
    #[serde(default, rename = "runbookURL", skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub runbook_url: Option<String>,
    /// RFC 3339 instant since when it is open.
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub since: String,
    /// RFC 3339 instant since when it is over; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40), extend("format" = "date-time"))]
    pub resolved_at: Option<String>,
    /// Index in the evidence log of the record that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_index: Option<u64>,
    /// What to type to learn why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1100))]
    pub explain: Option<String>,
}

/// What is wrong, by key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WebhookFinding {
    /// What kind of thing.
    #[schemars(length(max = 96))]
    pub kind: String,
    /// Which part of the target.
    #[schemars(length(max = 128))]
    pub component: String,
    /// Why, one of `docs/reasons.md` or the name of an expectation.
    #[schemars(length(max = 96))]
    pub reason_code: String,
}

/// One Target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookTarget {
    /// Name.
    #[schemars(length(max = 253))]
    pub name: String,
    /// Labels.
    #[serde(default, deserialize_with = "labels::deserialize")]
    #[schemars(schema_with = "labels::schema")]
    pub labels: Labels,
}

impl WebhookBody {
    /// The version that is written.
    pub const VERSION: u32 = 1;
}

impl From<&FindingKey> for WebhookFinding {
    fn from(key: &FindingKey) -> Self {
        let FindingKey { kind, component, reason_code } = key.clone();
        Self { kind, component, reason_code }
    }
}
