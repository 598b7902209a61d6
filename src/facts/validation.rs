//! Rule files: mapping guards, then one decision.

use std::borrow::Cow;

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
}

/// A verdict and what it was given on.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement<'v> {
    /// The verdict.
    pub verdict: Verdict,
    /// The facts, or the reason why there are none.
    pub details: Cow<'v, Value>,
}

impl<'v> Judgement<'v> {
    fn new(passed: bool, rule: &str, details: Cow<'v, Value>) -> Self {
        Self { verdict: Verdict { passed, rule: rule.to_owned() }, details }
    }
}

/// Runs the steps of `rule` over `state` (state key → facts) until one decides. Equality is strict: 1 is not true. A file that
/// decides nothing fails with the rule [`NO_DECISION`].
pub fn evaluate<'v>(rule: &'v ValidationRule, state: &'v Value) -> Judgement<'v> {
    let decided = rule.steps.iter().find_map(|step| decide(step, state));
    decided.unwrap_or_else(|| Judgement::new(false, NO_DECISION, Cow::Owned(json!({}))))
}

fn decide<'v>(step: &'v ValidationStep, state: &'v Value) -> Option<Judgement<'v>> {
    match step {
        ValidationStep::RequireMapping { key, fail_rule, fail_details } => {
            let present = state.get(key).is_some_and(Value::is_object);
            (!present).then(|| Judgement::new(false, fail_rule, Cow::Borrowed(fail_details)))
        }
        ValidationStep::RequireEquals { path, value, pass_rule, fail_rule, details_from } => {
            let passed = same(at(state, path), value);
            let rule = if passed { pass_rule } else { fail_rule };
            Some(Judgement::new(passed, rule, details(state, details_from)))
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

fn details<'v>(state: &'v Value, key: &str) -> Cow<'v, Value> {
    match state.get(key) {
        Some(object @ Value::Object(_)) => Cow::Borrowed(object),
        Some(value) => Cow::Owned(json!({ key: value })),
        None => Cow::Owned(json!({ key: null })),
    }
}
