//! The root of a manifest, strict at every level.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{CheckSpec, Digest, LabelName, Metadata, PolicySpec, SinkSpec, SubdomainName, TargetSetSpec, TargetSpec};

/// A field that may be present but is not read; remembers only that it was there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ignored(bool);

impl Ignored {
    /// Whether the document carried the field.
    pub const fn present(self) -> bool {
        self.0
    }
}

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer)?;
        Ok(Self(true))
    }
}

impl JsonSchema for Ignored {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ignored".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

/// One document: `apiVersion`, `kind`, `metadata`, `spec`. A `status` is accepted and ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Manifest<S, N = SubdomainName> {
    /// Always `tecrax.io/v1alpha1`.
    #[schemars(length(max = 317))]
    pub api_version: String,
    /// The kind.
    #[schemars(length(max = 63))]
    pub kind: String,
    /// Name, namespace, labels.
    pub metadata: Metadata<N>,
    /// The desired state.
    pub spec: S,
    /// Written by tecrax or an API server; ignored in manifests.
    #[serde(default, skip_serializing)]
    pub status: Ignored,
}

/// Any document that a user may write. Observations and Escalations are written by tecrax and never read from manifests.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// A host or network device.
    Target(Box<Manifest<TargetSpec>>),
    /// Many Targets of one form.
    TargetSet(Box<Manifest<TargetSetSpec>>),
    /// A desire.
    Check(Box<Manifest<CheckSpec, LabelName>>),
    /// Who may check what.
    Policy(Box<Manifest<PolicySpec>>),
    /// Where people hear of Escalations.
    Sink(Box<Manifest<SinkSpec>>),
}

impl Object {
    /// Digest of the canonical JSON of the spec of a Target or a Check; zero for others, whose specs are not compared as a whole.
    pub fn spec_digest(&self) -> Digest {
        match self {
            Self::Target(manifest) => Digest::of_canonical(&manifest.spec),
            Self::Check(manifest) => Digest::of_canonical(&manifest.spec),
            Self::TargetSet(_) | Self::Policy(_) | Self::Sink(_) => Digest::ZERO,
        }
    }
}
