//! Rule files: mapping guards, then one decision.

use serde_json::{Value, json};

use crate::profile::{ValidationRule, ValidationStep};

/// Rule name of a file whose steps decide nothing.
pub const NO_DECISION: &str = "validation.no_decision";

/// What a rule file decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether the rule is satisfied.
    pub passed: bool,
    /// Name of the rule that decided.
    pub rule: String,
    /// What it decided on: the facts, or the reason why there are none.
    pub details: Value,
}

/// Runs the steps of `rule` over `state` (state key → facts) until one decides. Equality is strict: 1 is not true. A file that
/// decides nothing fails with the rule [`NO_DECISION`].
pub fn evaluate(rule: &ValidationRule, state: &Value) -> Verdict {
    rule.steps.iter().find_map(|step| decide(step, state)).unwrap_or_else(|| Verdict {
        passed: false,
        rule: NO_DECISION.into(),
        details: json!({}),
    })
}

fn decide(step: &ValidationStep, state: &Value) -> Option<Verdict> {
    match step {
        ValidationStep::RequireMapping { key, fail_rule, fail_details } => {
            let present = state.get(key).is_some_and(Value::is_object);
            (!present).then(|| Verdict { passed: false, rule: fail_rule.clone(), details: fail_details.clone() })
        }
        ValidationStep::RequireEquals { path, value, pass_rule, fail_rule, details_from } => {
            let passed = same(at(state, path), value);
            let rule = if passed { pass_rule } else { fail_rule };
            Some(Verdict { passed, rule: rule.clone(), details: details(state, details_from) })
        }
    }
}

/// The value at a dotted path through objects; null when anything is missing. Empty segments are skipped.
fn at<'a>(state: &'a Value, path: &str) -> &'a Value {
    let mut keys = path.split('.').filter(|key| !key.is_empty());
    keys.try_fold(state, |value, key| value.as_object()?.get(key)).unwrap_or(&Value::Null)
}

/// Equal values; 1 equals 1.0.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

fn details(state: &Value, key: &str) -> Value {
    match state.get(key) {
        Some(object @ Value::Object(_)) => object.clone(),
        Some(value) => json!({ key: value }),
        None => json!({ key: null }),
    }
}
