//! One artifact that was read: its value, its descriptor, and whether it keeps the schema that it declares.

use super::refusal::{Refusal, RefusalClass};
use super::{Descriptor, schema};
use crate::evidence::json::{Json, loosely_equal};

/// An artifact: an object, its descriptor, and the verdict of its own schema.
#[derive(Debug, Clone)]
pub struct Artifact {
    value: Json,
    described: Descriptor,
    descriptor: Json,
    schema: Result<(), Refusal>,
}

impl Artifact {
    /// Takes an artifact. Its digest and the check against the schema that it declares are made here, once.
    pub fn of(value: Json) -> Self {
        let described = Descriptor::of(&value);
        let declared = described.schema_ref.as_str();
        let schema = if declared.is_empty() { Ok(()) } else { check(&value, declared) };
        Self { value, descriptor: described.to_json(), described, schema }
    }

    /// The object.
    pub const fn value(&self) -> &Json {
        &self.value
    }

    /// A member of the object.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.value.get(key)
    }

    /// The descriptor as other artifacts carry it.
    pub const fn descriptor(&self) -> &Json {
        &self.descriptor
    }

    /// The digest: 64 lower-case hex digits.
    pub fn digest(&self) -> &str {
        self.descriptor.text_at(&["digest"]).unwrap_or_default()
    }

    /// The type; empty when there is none.
    pub fn artifact_type(&self) -> &str {
        &self.described.artifact_type
    }

    /// The version of the schema; empty when there is none.
    pub fn schema_version(&self) -> &str {
        &self.described.schema_version
    }

    /// The schema that is declared; empty when there is none.
    pub fn schema_ref(&self) -> &str {
        &self.described.schema_ref
    }

    /// Whether the artifact keeps the schema that it declares; one without a schema does.
    pub fn keeps_schema(&self) -> Result<(), Refusal> {
        self.schema.clone()
    }

    /// Whether `descriptor` describes this artifact, as upstream compares: numbers by value.
    pub(super) fn is_described_by(&self, descriptor: &Json) -> bool {
        loosely_equal(descriptor, &self.descriptor)
    }
}

/// Checks `value` against a packaged schema.
pub(super) fn check(value: &Json, schema_ref: &str) -> Result<(), Refusal> {
    schema::validate(value, schema_ref).map_err(|error| Refusal::new(RefusalClass::Schema, error.to_string()))
}
