//! The `ssh` connection: a host behind an SSH server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConfigMapKeyRef, Duration, LocalRef, SecretKeyRef, ValueFrom};

/// A host behind an SSH server. Host keys are always verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-at-most-one-of" = ["host", "hostFrom"]))]
pub struct Ssh {
    /// Name or address; exactly one of `host` and `hostFrom` (a TargetSet item fills it in).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub host: Option<String>,
    /// The host name from a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_from: Option<ValueFrom>,
    /// TCP port; 22 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Login name; the current user when absent (file mode).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub user: Option<String>,
    /// What proves who we are; the agent and then the usual key files when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Where the known host keys are; the usual files when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_keys: Option<HostKeys>,
    /// Targets to hop through, in order; each hop is verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "atomic"))]
    pub via_refs: Vec<LocalRef>,
    /// Time for TCP, key exchange and authentication together; 5s when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_timeout: Option<Duration>,
}

/// What proves who we are. Exactly one field is set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-one-of" = ["agent", "file", "secretKeyRef"]))]
pub struct Identity {
    /// The running agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// A private key file, relative to the manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub file: Option<String>,
    /// A private key from a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<SecretKeyRef>,
}

/// Where the known host keys are. Exactly one field is set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-one-of" = ["file", "inline", "configMapKeyRef"]))]
pub struct HostKeys {
    /// A known_hosts file, relative to the manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub file: Option<String>,
    /// Lines of a known_hosts file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 64), inner(length(min = 1, max = 8192)))]
    pub inline: Vec<String>,
    /// A ConfigMap that holds a known_hosts file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<ConfigMapKeyRef>,
}

/// The agent at `SSH_AUTH_SOCK`. Has no fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agent {}
