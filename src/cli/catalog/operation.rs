//! Operations: the intents of a profile with what each needs, in the form of the Python stack's descriptors.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Digest;
use crate::facts::json::ascii_compact;
use crate::profile::{Intent, Profile, WorkflowStep};

/// What an operation is and needs; every list is sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Id of the intent.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// A few lines for people.
    pub summary: String,
    /// Name of the profile.
    pub profile_ref: String,
    /// Version of the profile.
    pub profile_version: String,
    /// Kinds of targets it is for.
    pub target_kinds: Vec<String>,
    /// Capabilities that a target must have.
    pub required_capabilities: Vec<String>,
    /// Connectors that a target must have.
    pub required_connectors: Vec<String>,
    /// Modes it may run in.
    pub modes: Vec<String>,
    /// Class of risk.
    pub risk: String,
    /// What it changes: `none`.
    pub side_effect_class: String,
    /// Where its validation rules are, inside the profile.
    pub validation_ref: String,
    /// Where its runbook is.
    pub runbook_ref: String,
    /// SHA-256 of the canonical ASCII JSON of everything above, in hex.
    pub digest: String,
}

impl Operation {
    /// The digest that the other fields give.
    pub fn digest(&self) -> String {
        let mut value = json!(self);
        if let Some(map) = value.as_object_mut() {
            map.remove("digest");
        }
        catalog_digest(&value)
    }
}

/// Digest of a document in the way of the Python stack's catalogs.
pub(super) fn catalog_digest(value: &Value) -> String {
    Digest::of(ascii_compact(value).as_bytes()).to_string()
}

/// Every operation of a profile, sorted by id.
pub fn operations(profile: &Profile) -> Vec<Operation> {
    profile.intents.values().map(|intent| operation(profile, intent)).collect()
}

/// The operation of one intent. A connector that only an optional role reads through is not required.
pub fn operation(profile: &Profile, intent: &Intent) -> Operation {
    let optional = |role| intent.roles.iter().any(|used| used.role == role && !used.required);
    let connectors: BTreeSet<String> = intent
        .workflow
        .steps
        .iter()
        .filter_map(|step| match step {
            WorkflowStep::Read { connector, .. } if !optional(connector.role.name.clone()) => Some(connector.name.clone()),
            _ => None,
        })
        .collect();
    let mut kinds: Vec<String> = intent.target_types.iter().map(|kind| kind.profile_word().to_owned()).collect();
    kinds.sort();
    let words = profile.operations.get(&intent.id).cloned().unwrap_or_default();
    let mut operation = Operation {
        id: intent.id.clone(),
        title: intent.title.clone(),
        summary: intent.summary.clone(),
        profile_ref: profile.name.clone(),
        profile_version: profile.version.clone(),
        target_kinds: kinds,
        required_capabilities: words.capability.into_iter().collect(),
        required_connectors: connectors.into_iter().collect(),
        modes: words.modes,
        // The loader admits no other class and no other effect.
        risk: "low".to_owned(),
        side_effect_class: "none".to_owned(),
        validation_ref: words.validation,
        runbook_ref: intent.runbook.clone(),
        digest: String::new(),
    };
    operation.digest = operation.digest();
    operation
}
