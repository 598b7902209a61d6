//! Target: something that exists, with the connections through which it may be looked at.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Http, LabelName, LocalRef, Ssh, TargetStatus};

/// A host or a network device, with the connections through which it may be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, CustomResource)]
#[kube(
    group = "tecrax.io",
    version = "v1alpha1",
    kind = "Target",
    namespaced,
    schema = "disabled",
    status = "TargetStatus",
    shortname = "tg",
    category = "tecrax",
    printcolumn = r#"{"name":"Type","type":"string","jsonPath":".spec.type"}"#,
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Reachable","type":"string","jsonPath":".status.conditions[?(@.type==\"Reachable\")].status"}"#,
    printcolumn = r#"{"name":"Criticality","type":"string","jsonPath":".spec.criticality","priority":1}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TargetSpec {
    /// What it is. Immutable.
    #[schemars(extend("x-tecrax-immutable" = true))]
    pub r#type: TargetType,
    /// How much it matters; policies may use it. `Low` when absent.
    #[serde(default)]
    pub criticality: Criticality,
    /// Parents: gateway, hypervisor. Every `viaRefs` hop is one too. They act on escalation, never on checking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub depends_on: Vec<LocalRef>,
    /// Stops every Check of this Target.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspend: bool,
    /// Connections by role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub connections: Vec<Connection>,
}

/// What a Target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum TargetType {
    /// A machine with an operating system.
    Host,
    /// A switch or router behind its own command line.
    NetworkDevice,
}

impl TargetType {
    /// The word as written in a manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "Host",
            Self::NetworkDevice => "NetworkDevice",
        }
    }

    /// The word that the profile uses in `target_kinds`.
    pub const fn profile_word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::NetworkDevice => "network_device",
        }
    }
}

/// How much a Target matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Criticality {
    /// The default.
    #[default]
    Low,
    /// Noticed within the day.
    Medium,
    /// Noticed at once.
    High,
    /// Others stop with it.
    Critical,
}

impl Criticality {
    /// The word as written in a manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

/// One way to look at a Target. Exactly one of the kinds is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-tecrax-one-of" = ["local", "ssh", "wrapper", "http", "dns", "fixture"]))]
pub struct Connection {
    /// The role the profile gives it: `os`, `cli`, `zabbix`, `portainer`, `adguard`, `adguard-dns`.
    pub name: LabelName,
    /// This machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<Local>,
    /// A host behind an SSH server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh: Option<Box<Ssh>>,
    /// An operator-owned executable for a network device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrapper: Option<Wrapper>,
    /// An HTTP endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<Box<Http>>,
    /// A DNS server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
    /// Recorded readings; needs `--allow-fixtures`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixture: Option<Fixture>,
    /// Parameters that the profile declares for this connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub parameters: Vec<Parameter>,
}

/// A connection after the union has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionKind<'a> {
    /// `local`
    Local,
    /// `ssh`
    Ssh(&'a Ssh),
    /// `wrapper`
    Wrapper(&'a Wrapper),
    /// `http`
    Http(&'a Http),
    /// `dns`
    Dns(&'a Dns),
    /// `fixture`
    Fixture(&'a Fixture),
}

impl ConnectionKind<'_> {
    /// The field name in a manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Ssh(_) => "ssh",
            Self::Wrapper(_) => "wrapper",
            Self::Http(_) => "http",
            Self::Dns(_) => "dns",
            Self::Fixture(_) => "fixture",
        }
    }
}

impl Connection {
    /// Every kind that is set; a valid connection has exactly one.
    pub fn kinds(&self) -> Vec<ConnectionKind<'_>> {
        [
            self.local.as_ref().map(|_| ConnectionKind::Local),
            self.ssh.as_deref().map(ConnectionKind::Ssh),
            self.wrapper.as_ref().map(ConnectionKind::Wrapper),
            self.http.as_deref().map(ConnectionKind::Http),
            self.dns.as_ref().map(ConnectionKind::Dns),
            self.fixture.as_ref().map(ConnectionKind::Fixture),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The one kind that is set; `None` when there is none or more than one.
    pub fn kind(&self) -> Option<ConnectionKind<'_>> {
        match self.kinds().as_slice() {
            [kind] => Some(*kind),
            _ => None,
        }
    }
}

/// This machine. Has no fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Local {}

/// An operator-owned executable for a network device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wrapper {
    /// Absolute path, or relative to the manifest.
    #[schemars(length(min = 1, max = 4096))]
    pub path: String,
}

/// A DNS server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// Name or address.
    #[schemars(length(min = 1, max = 253))]
    pub server: String,
    /// UDP and TCP port; 53 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
}

/// Recorded readings in place of a real target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// What each shape answers; a shape that is not listed answers nothing.
    #[schemars(length(max = 64))]
    pub readings: Vec<FixtureReading>,
}

/// What one shape answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FixtureReading {
    /// Name of the shape.
    #[schemars(length(min = 1, max = 128))]
    pub shape: String,
    /// Standard output.
    #[serde(default)]
    #[schemars(length(max = 65536))]
    pub stdout: String,
    /// Standard error.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 65536))]
    pub stderr: String,
    /// Exit status; 0 when absent.
    #[serde(default)]
    #[schemars(range(min = 0, max = 255))]
    pub exit_code: i32,
}

/// A parameter that the profile declares.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Name.
    pub name: LabelName,
    /// Value; the profile declares the pattern it must match.
    #[schemars(length(max = 256))]
    pub value: String,
}
