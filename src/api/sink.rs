//! Sink: where people hear of Escalations.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Criticality, Duration, HttpTls, LabelSelector, SinkStatus, ValueFrom};

/// Where people hear of Escalations: of the Targets of its namespace that the selector matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, CustomResource)]
#[kube(
    group = "tecrax.io",
    version = "v1alpha1",
    kind = "Sink",
    namespaced,
    schema = "disabled",
    status = "SinkStatus",
    shortname = "snk",
    category = "tecrax",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Min-Severity","type":"string","jsonPath":".spec.minSeverity","priority":1}"#,
    printcolumn = r#"{"name":"Waiting","type":"integer","jsonPath":".status.waiting"}"#,
    printcolumn = r#"{"name":"Last-Delivery","type":"date","jsonPath":".status.lastDeliveryTime"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-one-of" = ["alertmanager", "webhook"]))]
pub struct SinkSpec {
    /// Prometheus Alertmanager; exactly one of `alertmanager` and `webhook`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alertmanager: Option<Alertmanager>,
    /// An HTTP endpoint of your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    /// Targets of the same namespace whose Escalations are told, by label; all when absent.
    #[serde(default)]
    pub selector: LabelSelector,
    /// Escalations below this severity are not told; `Low`, which is all of them, when absent.
    #[serde(default)]
    pub min_severity: Criticality,
    /// How often to say that tecrax is alive, with the latest checkpoint of the log; never when absent. At least 10s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Duration>,
    /// Nothing is sent; what is open is caught up on afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspend: bool,
}

/// Prometheus Alertmanager, API v2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Alertmanager {
    /// Base URLs of the members of one cluster: each is sent every alert, and one that accepts it is enough.
    #[schemars(length(min = 1, max = 8), inner(length(min = 1, max = 2048)), extend("x-kubernetes-list-type" = "set"))]
    pub urls: Vec<String>,
    /// An alert that is not sent again for so long counts as resolved; it is sent again after a quarter of that. 15m when absent.
    /// With `--once` choose at least three times the pause between two runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolve_timeout: Option<Duration>,
    /// How requests prove who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<SinkAuth>,
    /// Trust and client certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<HttpTls>,
}

/// An HTTP endpoint that takes POST requests with JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-one-of" = ["url", "urlFrom"]))]
pub struct Webhook {
    /// The whole URL; exactly one of `url` and `urlFrom`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048))]
    pub url: Option<String>,
    /// The URL from a secret, where the URL itself is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_from: Option<ValueFrom>,
    /// The key of the HMAC-SHA256 over identity, time and body. Without one the receiver can not tell who sent a notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hmac_from: Option<ValueFrom>,
    /// How requests prove who they are, besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<SinkAuth>,
    /// Trust and client certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<HttpTls>,
}

/// How requests prove who they are. Exactly one field is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-one-of" = ["tokenFrom", "basic"]))]
pub struct SinkAuth {
    /// A token, sent as `Authorization: Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_from: Option<ValueFrom>,
    /// User name and password, sent as `Authorization: Basic`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic: Option<BasicAuth>,
}

/// User name and password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BasicAuth {
    /// User name; without a colon.
    #[schemars(length(min = 1, max = 128))]
    pub username: String,
    /// Password.
    pub password_from: ValueFrom,
}

impl Alertmanager {
    /// The time in force when no `resolveTimeout` is set.
    pub const DEFAULT_RESOLVE_TIMEOUT: Duration = Duration::from_secs(900);
}
