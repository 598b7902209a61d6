//! What a rule found in an observation.

use super::super::Artifact;
use super::{ProfileRef, bare_link};
use crate::evidence::json::Json;

/// What a rule found.
#[derive(Debug, Clone, Copy)]
pub struct Finding<'a> {
    /// `finding-` and 24 hex digits.
    pub id: &'a str,
    /// When, 1 to 64 characters.
    pub created_at: &'a str,
    /// The profile whose rule it was.
    pub profile: ProfileRef<'a>,
    /// What kind of thing, 1 to 128 characters.
    pub kind: &'a str,
    /// `info`, `low`, `medium`, `high` or `critical`.
    pub severity: &'a str,
    /// One sentence, 1 to 512 characters.
    pub summary: &'a str,
}

impl Finding<'_> {
    /// The artifact `finding` v0.1, linked to what was observed.
    pub fn to_json(self, observation: &Artifact) -> Json {
        Json::from([
            ("artifact_type", Json::from("finding")),
            ("created_at", Json::from(self.created_at)),
            ("finding_id", Json::from(self.id)),
            ("links", Json::from([("observation", bare_link(observation))])),
            ("profile_ref", self.profile.to_json()),
            ("schema_ref", Json::from("schemas/finding.v0.1.schema.json")),
            ("schema_version", Json::from("v0.1")),
            ("summary", Json::from(self.summary)),
            ("taxonomy", Json::from([("kind", self.kind), ("severity", self.severity)])),
        ])
    }
}
