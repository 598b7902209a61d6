//! What the rules of a pack may name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::profile::Profile;

/// What the rules of a pack may name, and what its profile digest covers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vocabulary {
    /// The contract of the profile, as the digest covers it: an object with `name` and `version` among others.
    pub contract: Value,
    /// What each intent declares, by id: an object; `modes` must be a list of read-only modes.
    pub intents: BTreeMap<String, Value>,
}

impl Vocabulary {
    /// That of a profile of ours. Unlike in the Python stack, the digest of an intent covers its shapes, normalizers and rules.
    pub fn of(profile: &Profile) -> Self {
        let intent = |id: &String, intent: &crate::profile::Intent| {
            json!({
                "id": id,
                "digest": intent.digest,
                "facts_contract": intent.contract.to_string(),
                // The loader of the profile takes no other.
                "modes": ["read_only"],
            })
        };
        Self {
            contract: json!({"name": profile.name, "version": profile.version}),
            intents: profile.intents.iter().map(|(id, value)| (id.clone(), intent(id, value))).collect(),
        }
    }
}
