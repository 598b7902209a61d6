//! The facts contracts, and the validator that says how a facts object breaks its contract.
//!
//! A contract is data: required keys and a list of shape checks, one table per subject, one entry per
//! version. The recorded 1.0 of all thirteen is here, also of those that no normalizer of this version writes; later minor
//! versions stand beside it.

mod adguard;
mod check;
mod device;
mod host;
mod monitoring;
mod services;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::json;
use super::text;
use check::Check;

/// Largest facts object, in characters of compact ASCII JSON.
pub const FACTS_MAX: usize = 16_384;
/// Most entries of each scope list.
pub const SCOPE_MAX: usize = 32;
/// Keys that no facts object may have at any depth, in any case: they would carry raw output or secrets.
const FORBIDDEN_KEYS: [&str; 5] = ["stdout", "stderr", "raw_output", "secret", "token"];

/// One version of one contract.
#[derive(Debug)]
pub struct Contract {
    /// Full id (`tecrax.ntp_local_health`).
    pub id: &'static str,
    /// Version (`1.0`).
    pub version: &'static str,
    /// Value of `schema_ref`, for contracts with a published schema whose shape is checked.
    pub schema_ref: Option<&'static str>,
    /// Keys that must be present; null counts.
    required: &'static [&'static str],
    /// Shape checks in any order.
    checks: &'static [Check],
}

impl Contract {
    /// The id without its `tecrax.` prefix: what shape errors start with.
    pub fn short_name(&self) -> &'static str {
        self.id.strip_prefix("tecrax.").unwrap_or(self.id)
    }
}

/// Every version of every contract.
pub fn all() -> impl Iterator<Item = &'static Contract> {
    host::CONTRACTS
        .iter()
        .chain(services::CONTRACTS)
        .chain(adguard::CONTRACTS)
        .chain(device::CONTRACTS)
        .chain(monitoring::CONTRACTS)
}

/// One version of one contract.
pub fn find(id: &str, version: &str) -> Option<&'static Contract> {
    all().find(|contract| contract.id == id && contract.version == version)
}

/// How `facts` break version `version` of the contract they name: short codes, sorted by code point, without duplicates; empty
/// when they hold. With `expected_id` they must also be of that contract. A contract that does not exist in that version gives
/// exactly `unknown_contract`.
pub fn validate(facts: &Value, expected_id: Option<&str>, version: &str) -> Vec<String> {
    let named = facts.get("contract").and_then(Value::as_object);
    let id = named.and_then(|contract| contract.get("id")).and_then(Value::as_str).unwrap_or_default();
    let (Some(contract), Some(map)) = (find(id, version), facts.as_object()) else {
        return vec!["unknown_contract".into()];
    };
    let mut errors = BTreeSet::new();
    if expected_id.is_some_and(|expected| expected != id) {
        errors.insert("contract_id_mismatch".into());
    }
    if named.and_then(|contract| contract.get("version")).and_then(Value::as_str) != Some(version) {
        errors.insert("contract_version_mismatch".into());
    }
    for key in contract.required.iter().filter(|key| !map.contains_key(**key)) {
        errors.insert(format!("missing_payload_key:{key}"));
    }
    envelope(map, &mut errors);
    if has_forbidden_key(facts) {
        errors.insert("raw_output_forbidden".into());
    }
    if json::ascii_compact(facts).len() > FACTS_MAX {
        errors.insert("facts_too_large".into());
    }
    shape(contract, map, &mut errors);
    errors.into_iter().collect()
}

fn envelope(facts: &Map<String, Value>, errors: &mut BTreeSet<String>) {
    let state = |key: &str| facts.get(key).and_then(|part| part.get("state")).and_then(Value::as_str);
    if !matches!(state("coverage"), Some("complete" | "partial" | "blocked")) {
        errors.insert("invalid_coverage_state".into());
    }
    if !matches!(state("assessment"), Some("healthy" | "degraded" | "unhealthy" | "unknown")) {
        errors.insert("invalid_assessment_state".into());
    }
    let Some(scope) = facts.get("scope").and_then(Value::as_object) else {
        errors.insert("invalid_scope".into());
        return;
    };
    for key in ["requested", "observed", "not_observed"] {
        if scope.get(key).and_then(Value::as_array).is_none_or(|list| list.len() > SCOPE_MAX) {
            errors.insert(format!("invalid_scope:{key}"));
        }
    }
}

/// Lower-casing changes the length of few texts and of none that is ASCII: most keys are seen to differ by their length alone.
fn is_forbidden(key: &str) -> bool {
    if key.is_ascii() {
        return FORBIDDEN_KEYS.iter().any(|forbidden| forbidden.eq_ignore_ascii_case(key));
    }
    FORBIDDEN_KEYS.contains(&text::lower(key).as_str())
}

/// Walks without recursion, so that no nesting can exhaust the stack.
fn has_forbidden_key(root: &Value) -> bool {
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if map.keys().any(|key| is_forbidden(key)) {
                    return true;
                }
                open.extend(map.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    false
}

fn shape(contract: &Contract, facts: &Map<String, Value>, errors: &mut BTreeSet<String>) {
    let Some(schema_ref) = contract.schema_ref else { return };
    let mut found = Vec::new();
    if facts.get("schema_ref").and_then(Value::as_str) != Some(schema_ref) {
        found.push("schema_ref_mismatch".to_owned());
    }
    for check in contract.checks {
        check.run(facts, &mut found);
    }
    errors.extend(found.into_iter().map(|error| format!("{}.{error}", contract.short_name())));
}
