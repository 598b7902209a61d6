//! What facts prove by not naming it.

use serde_json::Value;

use super::envelope::{at, text_at};
use super::subject::subjects;
use crate::api::{StatusFinding, reason};

/// How the reason code of a component ends whose reading was taken and does not say it.
const NOT_OBSERVED: &str = "_not_observed";

/// Whether facts show what `finding`, one of kind `facts`, is about: then it would be among the findings if it were so. `Some(false)`
/// when that was not observed, whatever else was; `None` when they do not say whether it was.
///
/// A component of the scope is shown when it is observed. Facts that keep their contract show that they do, and a component that is
/// no more missing is none of the scope where the contract has one word for several.
pub fn shows(facts: &Value, finding: &StatusFinding) -> Option<bool> {
    let StatusFinding { component, reason_code, .. } = finding;
    let contract = text_at(facts, &["contract", "id"]);
    if reason_code == reason::INVALID_FACTS {
        return Some(!contract.is_empty());
    }
    let subject = subjects().iter().find(|subject| subject.contract() == contract)?;
    let names = |key: &str| {
        let list = at(facts, &["scope", key]).as_array();
        list.is_some_and(|list| list.iter().any(|one| one == component))
    };
    (subject.shows)(facts, reason_code)
        .or_else(|| names("observed").then_some(true))
        .or_else(|| names("not_observed").then_some(false))
        .or_else(|| {
            let missing = reason_code.strip_suffix(NOT_OBSERVED) == Some(component);
            (missing && !names("requested")).then_some(true)
        })
}
