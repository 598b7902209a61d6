//! The `http` connection: an HTTP endpoint.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ValueFrom;

/// An HTTP endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-one-of" = ["baseURL", "baseURLFrom"]))]
pub struct Http {
    /// Scheme, host, port and an optional path prefix; exactly one of `baseURL` and `baseURLFrom`.
    #[serde(rename = "baseURL", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048))]
    pub base_url: Option<String>,
    /// The base URL from a secret.
    #[serde(rename = "baseURLFrom", skip_serializing_if = "Option::is_none")]
    pub base_url_from: Option<ValueFrom>,
    /// How requests prove who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<HttpAuth>,
    /// Trust and client certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<HttpTls>,
    /// Extra headers, values by reference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub headers: Vec<HeaderFrom>,
}

/// How requests prove who they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HttpAuth {
    /// Where the token goes; `Auto` when absent.
    #[serde(default)]
    pub mode: HttpAuthMode,
    /// The token.
    pub token_from: ValueFrom,
}

/// Where the token goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum HttpAuthMode {
    /// Decided from the server's version.
    #[default]
    Auto,
    /// In the Authorization header.
    Header,
    /// In the request body.
    Body,
}

/// Trust and client certificate of an HTTP endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HttpTls {
    /// CA certificates that replace the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_from: Option<ValueFrom>,
    /// Client certificate and key, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_cert_from: Option<ValueFrom>,
}

/// One extra header.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HeaderFrom {
    /// Header name.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// Header value.
    pub value_from: ValueFrom,
}
