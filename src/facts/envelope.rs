//! The envelope around a payload, and the check that the whole keeps its contract.

use serde_json::{Map, Value, json};

use super::contracts;
use crate::api::{Assessment, Coverage};

/// Why there are no facts although readings were taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NormalizeError {
    /// What the readings say does not fit the contract; the codes of [`contracts::validate`].
    #[error("invalid_tecrax_facts:{}", .0.join(","))]
    InvalidFacts(Vec<String>),
}

/// What a contract asks for, and what it does not claim.
#[derive(Debug)]
pub(super) struct Frame {
    /// Contract id.
    pub id: &'static str,
    /// Version that is written.
    pub version: &'static str,
    /// Components that are looked for, in the order of the contract.
    pub requested: &'static [&'static str],
    /// What these facts never say.
    pub non_claims: &'static [&'static str],
}

impl Frame {
    /// The facts: `payload` and the envelope keys, which overwrite. Components in `not_observed` make coverage partial.
    ///
    /// # Errors
    /// [`NormalizeError::InvalidFacts`] when the result does not keep its contract.
    pub(super) fn seal(&self, payload: Value, not_observed: &[&str], assessment: Assessment) -> Result<Value, NormalizeError> {
        let coverage = if not_observed.is_empty() { Coverage::Complete } else { Coverage::Partial };
        self.seal_scope(payload, self.requested, not_observed, (coverage, &[]), assessment)
    }

    /// The same with a scope of its own: the components that were looked for, and how much was seen, with what stood in the way.
    ///
    /// # Errors
    /// [`NormalizeError::InvalidFacts`] when the result does not keep its contract.
    pub(super) fn seal_scope(
        &self,
        payload: Value,
        requested: &[&str],
        not_observed: &[&str],
        (coverage, blockers): (Coverage, &[&str]),
        assessment: Assessment,
    ) -> Result<Value, NormalizeError> {
        let Value::Object(mut facts) = payload else {
            return Err(NormalizeError::InvalidFacts(vec!["unknown_contract".into()]));
        };
        let observed: Vec<&str> = requested.iter().copied().filter(|component| !not_observed.contains(component)).collect();
        let envelope = [
            ("contract", json!({"id": self.id, "version": self.version})),
            ("scope", json!({"requested": requested, "observed": observed, "not_observed": not_observed})),
            ("coverage", json!({"state": coverage.as_str(), "blockers": blockers})),
            ("assessment", json!({"state": assessment.as_str()})),
            ("non_claims", json!(self.non_claims)),
        ];
        facts.extend(envelope.map(|(key, value)| (key.to_owned(), value)));
        if let Some(schema_ref) = contracts::find(self.id, self.version).and_then(|contract| contract.schema_ref) {
            facts.insert("schema_ref".into(), schema_ref.into());
        }
        let facts = Value::Object(facts);
        let errors = contracts::validate(&facts, Some(self.id), self.version);
        if errors.is_empty() { Ok(facts) } else { Err(NormalizeError::InvalidFacts(errors)) }
    }
}

/// Turns facts into the 1.0 of their contract: the version, the schema it names, and one marker instead of the components that
/// were not observed.
pub(super) fn to_1_0(facts: &mut Map<String, Value>, marker: Option<&str>) {
    let id = facts.get("contract").and_then(|contract| contract.get("id")).and_then(Value::as_str).unwrap_or_default();
    let schema_ref = contracts::find(id, "1.0").and_then(|contract| contract.schema_ref);
    facts.insert("contract".into(), json!({"id": id, "version": "1.0"}));
    match schema_ref {
        Some(schema_ref) => facts.insert("schema_ref".into(), schema_ref.into()),
        None => facts.remove("schema_ref"),
    };
    let Some(Value::Object(scope)) = facts.get_mut("scope") else { return };
    let partial = scope.get("not_observed").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    if let (true, Some(marker)) = (partial, marker) {
        scope.insert("observed".into(), json!([]));
        scope.insert("not_observed".into(), json!([marker]));
    }
}

/// Gives `value` to every one of `keys` that is null or missing: what 1.0 has for what it can not leave open.
pub(super) fn fill(facts: &mut Map<String, Value>, keys: &[&str], value: &Value) {
    for key in keys {
        if facts.get(*key).is_none_or(Value::is_null) {
            facts.insert((*key).to_owned(), value.clone());
        }
    }
}

/// A text of the facts by keys; empty when absent.
pub(super) fn text_at<'a>(facts: &'a Value, path: &[&str]) -> &'a str {
    at(facts, path).as_str().unwrap_or_default()
}

/// A value of the facts by keys; null when absent.
pub(super) fn at<'a>(facts: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().try_fold(facts, |value, key| value.get(*key)).unwrap_or(&Value::Null)
}
