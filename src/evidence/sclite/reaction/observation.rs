//! The envelope around the facts that rules read.

use crate::evidence::json::Json;

/// A profile by name, version and digest.
#[derive(Debug, Clone, Copy)]
pub struct ProfileRef<'a> {
    /// Name, 1 to 128 characters.
    pub id: &'a str,
    /// Version, 1 to 64 characters.
    pub version: &'a str,
    /// 64 lower-case hex digits.
    pub digest: &'a str,
}

impl ProfileRef<'_> {
    /// As artifacts carry it.
    pub fn to_json(&self) -> Json {
        Json::from([("digest", self.digest), ("id", self.id), ("version", self.version)])
    }
}

/// What an observation says. The schema bounds every text; the facts are any object.
#[derive(Debug)]
pub struct ObservationEnvelope<'a> {
    /// Name of the observation, 1 to 128 characters.
    pub observation_id: &'a str,
    /// When it was made, 1 to 64 characters.
    pub observed_at: &'a str,
    /// The profile whose question it answers.
    pub profile: ProfileRef<'a>,
    /// The run, 1 to 128 characters.
    pub operation_id: &'a str,
    /// The question, 1 to 128 characters.
    pub intent_id: &'a str,
    /// Of what, 1 to 128 characters.
    pub target_id: &'a str,
    /// What was seen.
    pub facts: Json,
}

impl ObservationEnvelope<'_> {
    /// The artifact `observation_envelope` v0.1.
    pub fn to_json(&self) -> Json {
        Json::from([
            ("artifact_type", Json::from("observation_envelope")),
            ("facts", self.facts.clone()),
            ("observation_id", Json::from(self.observation_id)),
            ("observed_at", Json::from(self.observed_at)),
            ("profile_ref", self.profile.to_json()),
            ("schema_ref", Json::from("schemas/observation_envelope.v0.1.schema.json")),
            ("schema_version", Json::from("v0.1")),
            (
                "source",
                Json::from([("intent_id", self.intent_id), ("operation_id", self.operation_id), ("target_id", self.target_id)]),
            ),
        ])
    }
}
