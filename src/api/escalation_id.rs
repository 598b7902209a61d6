//! Which Escalation: namespace and name.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Digest, FindingKey, Namespace, SubdomainName};

/// How many hex digits of the key's digest end the name of a Target's Escalation.
const KEY_HEX: usize = 8;
/// How many end the name of a group: more than [`KEY_HEX`], so that no Target named `group` is ever in the way.
const GROUP_HEX: usize = 16;
/// How the name of a group begins.
const GROUP: &str = "group";

/// Namespace and name of an Escalation. The name is `<target>.<8 hex digits of the finding key>`, for a group `group.<16 hex digits>`;
/// it stays the same when the matter is resolved and comes back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EscalationId {
    /// Namespace of what it is about.
    pub namespace: Namespace,
    /// A DNS subdomain of at most 253 characters.
    pub name: EscalationName,
}

/// Name of an Escalation: a DNS subdomain of at most 253 characters, with at least one dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EscalationName(String);

impl EscalationName {
    /// Longest name.
    pub const MAX: usize = 253;

    /// Parses a name; `None` when it is no DNS subdomain with a dot, or too long.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() <= Self::MAX && text.contains('.') && SubdomainName::is_subdomain(text);
        valid.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EscalationName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "no name of an Escalation".to_owned())
    }
}

impl From<EscalationName> for String {
    fn from(name: EscalationName) -> Self {
        name.0
    }
}

impl fmt::Display for EscalationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl EscalationId {
    /// The Escalation of one finding of one Target.
    pub fn of_target(namespace: &Namespace, target: &SubdomainName, key: &FindingKey) -> Self {
        Self { namespace: namespace.clone(), name: EscalationName(format!("{target}.{}", hex(key, KEY_HEX))) }
    }

    /// The grouped Escalation of one finding of many Targets.
    pub fn of_group(namespace: &Namespace, key: &FindingKey) -> Self {
        Self { namespace: namespace.clone(), name: EscalationName(format!("{GROUP}.{}", hex(key, GROUP_HEX))) }
    }

    /// Reads `namespace/name`.
    pub fn parse(text: &str) -> Option<Self> {
        let (namespace, name) = text.split_once('/')?;
        Some(Self { namespace: Namespace::parse(namespace).ok()?, name: EscalationName::parse(name)? })
    }
}

/// `namespace/name`.
impl fmt::Display for EscalationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

fn hex(key: &FindingKey, digits: usize) -> String {
    let FindingKey { kind, component, reason_code } = key;
    let digest = Digest::of_parts([kind.as_bytes(), component.as_bytes(), reason_code.as_bytes()]);
    digest.to_string().chars().take(digits).collect()
}
