//! Identifiers that are made of content.

use crate::api::Digest;
use crate::evidence::json::{Json, ascii_compact, canonical};
use crate::facts::text;

/// Hex digits of a digest in an identifier.
const SHORT: usize = 24;
/// Longest identifier that goes into a proposal's, in characters.
const ID_MAX: usize = 128;

/// The key under which one reaction is made at most once: an observation, a profile, a rule and a target.
pub fn reaction_idempotency_key(observation: &Digest, profile: &Digest, rule: &Digest, target_id: &str) -> Digest {
    Digest::of(&canonical(&Json::from([
        ("observation_digest", Json::from(observation.to_string())),
        ("profile_digest", Json::from(profile.to_string())),
        ("rule_digest", Json::from(rule.to_string())),
        ("target_id", Json::from(target_id)),
    ])))
}

/// `reaction-` and the first 24 hex digits of its key.
pub fn reaction_id(key: &Digest) -> String {
    format!("reaction-{}", short(key))
}

/// `finding-` and the first 24 hex digits of the key of its reaction.
pub fn finding_id(key: &Digest) -> String {
    format!("finding-{}", short(key))
}

/// `tecrax-proposal-` and the first 24 hex digits of what is proposed and why. Identifiers are on one line, of at most 128
/// characters; what is hashed is compact ASCII, not the canonical form.
pub fn escalation_proposal_id(
    operation_id: &str,
    reaction_id: &str,
    outcome: &str,
    intent_ref: Option<&str>,
    diagnosis: &Json,
) -> String {
    let material = Json::from([
        ("diagnosis", diagnosis.clone()),
        ("intent_ref", Json::from(intent_ref)),
        ("operation_id", Json::from(text::collapse(operation_id, ID_MAX))),
        ("outcome", Json::from(outcome)),
        ("reaction_id", Json::from(text::collapse(reaction_id, ID_MAX))),
    ]);
    format!("tecrax-proposal-{}", short(&Digest::of(ascii_compact(&material).as_bytes())))
}

fn short(digest: &Digest) -> String {
    digest.to_string().chars().take(SHORT).collect()
}
