//! References beside a bundle: to a trust profile and to a carrier, both bound to the ticket by digest.

use super::artifact::{Artifact, check};
use super::coerce;
use super::refusal::{Refusal, RefusalClass};
use crate::evidence::json::Json;

/// Which reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// To who is trusted.
    Trust,
    /// To what carries the bundle.
    Carrier,
}

impl Reference {
    const fn schema(self) -> &'static str {
        match self {
            Self::Trust => "schemas/trust_profile_ref.v0.1.schema.json",
            Self::Carrier => "schemas/carrier_profile_ref.v0.1.schema.json",
        }
    }

    /// The checks that a reference passes, by name.
    pub const fn checks(self) -> [&'static str; 4] {
        match self {
            Self::Trust => [
                "trust_profile_schema_valid",
                "trust_profile_supported",
                "trust_profile_subject_descriptor_bound",
                "trust_profile_subject_digest_bound",
            ],
            Self::Carrier => [
                "carrier_profile_schema_valid",
                "carrier_profile_supported",
                "carrier_profile_subject_descriptor_bound",
                "carrier_profile_subject_digest_bound",
            ],
        }
    }
}

/// Checks that a reference keeps its schema (which names the profiles that are known) and is bound to `subject`.
pub fn verify_reference(kind: Reference, reference: &Artifact, subject: &Artifact) -> Result<(), Refusal> {
    check(reference.value(), kind.schema())?;
    let refused = |message: &str| Refusal::new(RefusalClass::ProfileReference, message);
    let descriptor = reference.value().at(&["links", "subject", "descriptor"]);
    let descriptor = descriptor.filter(|descriptor| descriptor.as_object().is_some());
    let descriptor = descriptor.ok_or_else(|| refused("profile_ref.links.subject.descriptor must be an object"))?;
    if !subject.is_described_by(descriptor) {
        return Err(refused("profile reference subject descriptor mismatch"));
    }
    let integrity: Option<&Json> = reference.value().at(&["integrity", "subject_artifact_digest"]);
    if coerce::text(integrity) != subject.digest() {
        return Err(refused("profile reference subject_artifact_digest mismatch"));
    }
    Ok(())
}
