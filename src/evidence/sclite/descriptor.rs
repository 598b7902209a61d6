//! Addresses of artifacts by content.

use super::python;
use crate::api::Digest;
use crate::evidence::json::{Json, Object, canonical};

/// The name of the canonical form that digests are made of.
pub const CANONICALIZATION: &str = "sclite-json-v0.1";

/// The address of an artifact: what it says it is, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// The artifact's `artifact_type`, or empty.
    pub artifact_type: String,
    /// The first of `schema_version`, `spec_version` and `version` that says something, or empty.
    pub schema_version: String,
    /// The first of `schema_ref` and `schema` that says something, or empty.
    pub schema_ref: String,
    /// Digest of the canonical bytes of the whole artifact.
    pub digest: Digest,
    /// How many bytes those are.
    pub canonical_bytes: u64,
}

impl Descriptor {
    /// The address of `artifact`.
    pub fn of(artifact: &Json) -> Self {
        Self::of_canonical(artifact, &canonical(artifact))
    }

    /// The address of `artifact`, whose canonical bytes the caller has already.
    pub fn of_canonical(artifact: &Json, bytes: &[u8]) -> Self {
        Self {
            artifact_type: first_of(artifact, &["artifact_type"]),
            schema_version: first_of(artifact, &["schema_version", "spec_version", "version"]),
            schema_ref: first_of(artifact, &["schema_ref", "schema"]),
            digest: Digest::of(bytes),
            canonical_bytes: bytes.len() as u64,
        }
    }

    /// The address as it stands in links and manifests: seven keys.
    pub fn to_json(&self) -> Json {
        Json::from([
            ("algorithm", Json::from("sha256")),
            ("artifact_type", Json::from(&*self.artifact_type)),
            ("canonical_bytes", Json::from(self.canonical_bytes)),
            ("canonicalization", Json::from(CANONICALIZATION)),
            ("digest", Json::from(self.digest.to_string())),
            ("schema_ref", Json::from(&*self.schema_ref)),
            ("schema_version", Json::from(&*self.schema_version)),
        ])
    }
}

/// The digest of a list of arguments as a ticket binds it: `sha256:` and 64 hex digits.
pub fn args_digest(args: &Json) -> String {
    format!("sha256:{}", Digest::of(&canonical(args)))
}

/// The record of a digest: `canonicalization`, `algorithm`, `digest` and `canonical_bytes` of any value.
pub fn hash_record(value: &Json) -> Json {
    let bytes = canonical(value);
    Json::Object(Object::from([
        ("algorithm", Json::from("sha256")),
        ("canonical_bytes", Json::from(bytes.len() as u64)),
        ("canonicalization", Json::from(CANONICALIZATION)),
        ("digest", Json::from(Digest::of(&bytes).to_string())),
    ]))
}

/// The first member that says something, as a text.
fn first_of(artifact: &Json, keys: &[&str]) -> String {
    let mut found = keys.iter().filter_map(|key| artifact.get(key));
    found.find(|value| value.is_truthy()).map(python::text_of).unwrap_or_default()
}
