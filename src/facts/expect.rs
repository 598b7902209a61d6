//! Whether an expectation holds.

use serde_json::Value;

use super::subject::Subject;
use crate::api::{Expect, Operator};

/// What an expectation says about facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Held,
    /// It does not hold.
    Failed {
        /// The fact as it is shown to a person.
        observed: String,
    },
    /// The fact is missing, null or an empty text, or is not of the type the operator needs.
    NotObserved,
}

/// Evaluates `expect` over `facts`. Numbers compare as numbers, everything else as text; `Lt Le Gt Ge` need numbers. An empty
/// text counts as absent, because that is how contracts write a text they could not read. Presence itself is the matter of
/// `Exists` and `DoesNotExist`: what is absent neither exists nor is missing where the facts say that nobody observed its component.
pub fn evaluate(expect: &Expect, facts: &Value) -> Outcome {
    let fact = find(facts, &expect.key);
    let unseen = || Subject::of(facts).is_some_and(|subject| subject.hides(facts, &expect.key));
    let held = match (expect.operator, fact) {
        (Operator::Exists | Operator::DoesNotExist, None) if unseen() => return Outcome::NotObserved,
        (Operator::Exists, fact) => fact.is_some(),
        (Operator::DoesNotExist, fact) => fact.is_none(),
        (_, None) => return Outcome::NotObserved,
        (Operator::In, Some(fact)) => expect.values.iter().any(|value| same(fact, value)),
        (Operator::NotIn, Some(fact)) => !expect.values.iter().any(|value| same(fact, value)),
        (operator, Some(fact)) => {
            let (Some(left), Some(right)) = (fact.as_f64(), expect.values.first().and_then(|value| number(value))) else {
                return Outcome::NotObserved;
            };
            match operator {
                Operator::Lt => left < right,
                Operator::Le => left <= right,
                Operator::Gt => left > right,
                _ => left >= right,
            }
        }
    };
    if held { Outcome::Held } else { Outcome::Failed { observed: fact.map_or_else(|| "absent".into(), shown) } }
}

/// The value at a dotted path through objects; `None` when absent, null or an empty text.
fn find<'a>(facts: &'a Value, path: &str) -> Option<&'a Value> {
    let value = path.split('.').try_fold(facts, |value, key| value.as_object()?.get(key))?;
    (!value.is_null() && value.as_str() != Some("")).then_some(value)
}

/// A finite number as a manifest writes it.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

#[expect(clippy::float_cmp, reason = "equality of what was written and what was read is what `In` asks")]
fn same(fact: &Value, value: &str) -> bool {
    match (fact.as_f64(), number(value)) {
        (Some(left), Some(right)) => left == right,
        _ => shown(fact) == value,
    }
}

fn shown(fact: &Value) -> String {
    fact.as_str().map_or_else(|| fact.to_string(), str::to_owned)
}
