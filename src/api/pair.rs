//! The unit of scheduling: one (Check, Target).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Digest, LabelName, Namespace, SubdomainName};

/// One (Check, Target) of a namespace. Its text form is `namespace/check.target`; a Check's name holds no dot, so the first dot
/// is the border.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PairId {
    /// Namespace of both.
    pub namespace: Namespace,
    /// The Check.
    pub check: LabelName,
    /// The Target.
    pub target: SubdomainName,
}

impl PairId {
    /// Name of the pair's Observation: `<check>.<target>`.
    pub fn observation_name(&self) -> String {
        format!("{}.{}", self.check, self.target)
    }

    /// Reads `namespace/check.target`.
    pub fn parse(text: &str) -> Option<Self> {
        let (namespace, name) = text.split_once('/')?;
        let (check, target) = name.split_once('.')?;
        Some(Self {
            namespace: Namespace::parse(namespace).ok()?,
            check: LabelName::parse(check).ok()?,
            target: SubdomainName::parse(target).ok()?,
        })
    }
}

impl fmt::Display for PairId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}.{}", self.namespace, self.check, self.target)
    }
}

/// uid of an object: a UUIDv8 of SHA-256(kind, namespace, name), the same over restarts and sources.
pub fn uid(kind: &str, namespace: &str, name: &str) -> String {
    let digest = Digest::of_parts([kind.as_bytes(), namespace.as_bytes(), name.as_bytes()]);
    let hex = digest.to_string();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    // RFC 9562: version nibble 8, variant bits 10.
    let variant = match part(16..17) {
        "0" | "4" | "8" | "c" => '8',
        "1" | "5" | "9" | "d" => '9',
        "2" | "6" | "a" | "e" => 'a',
        _ => 'b',
    };
    format!("{}-{}-8{}-{variant}{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}
