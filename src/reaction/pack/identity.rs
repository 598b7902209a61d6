//! What makes two reactions the same one.

use serde_json::{Value, json};

use crate::api::Digest;
use crate::evidence::canonical;

/// Hex digits of a key that stand in an id.
const ID_DIGITS: usize = 24;

/// SHA-256 of the canonical JSON of a value: the form of every digest of a reaction.
pub fn canonical_digest(value: &Value) -> Digest {
    Digest::of(&canonical(value))
}

/// The identity of a reaction: the same rule on the same observation of the same target under the same profile is one reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(Digest);

impl Identity {
    /// Of a reaction. `profile` is [`Pack::profile_digest`](super::Pack::profile_digest), `observation` the [`canonical_digest`] of the
    /// whole observation, `rule` [`Evaluation::rule_digest`](super::Evaluation), that of the fallback when it was blocked.
    pub fn of(profile: Digest, observation: Digest, rule: Digest, target: &str) -> Self {
        Self(canonical_digest(&json!({
            "profile_digest": profile,
            "observation_digest": observation,
            "rule_digest": rule,
            "target_id": target,
        })))
    }

    /// The idempotency key.
    pub const fn key(self) -> Digest {
        self.0
    }

    /// `reaction-` and the first 24 hex digits of the key.
    pub fn reaction_id(self) -> String {
        self.id("reaction")
    }

    /// `finding-` and the first 24 hex digits of the key.
    pub fn finding_id(self) -> String {
        self.id("finding")
    }

    fn id(self, kind: &str) -> String {
        let digits: String = self.0.to_string().chars().take(ID_DIGITS).collect();
        format!("{kind}-{digits}")
    }
}
