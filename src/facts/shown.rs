//! What facts prove by not naming it.

use serde_json::Value;

use super::envelope::{at, text_at};
use super::subject::Subject;
use crate::api::{StatusFinding, reason};

/// How the reason code of a component ends whose reading was taken and does not say it.
const NOT_OBSERVED: &str = "_not_observed";

/// What facts say by not naming a finding of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// What it is about was observed, so it would be named if it were so. That rests on the readings of these steps.
    By(Vec<&'static str>),
    /// The same, resting on every reading.
    ByAll,
    /// That was not observed, whatever else was.
    Hidden,
    /// The facts do not say whether it was.
    Unsaid,
}

/// What facts that do not name `finding`, one of kind `facts`, say of it.
///
/// A component of the scope is shown when it is observed. Facts that keep their contract show that they do, and a component that is
/// no more missing is none of the scope where the contract has one word for several. Facts that may come of seeing nothing ([`sees`]) show
/// none of what they judge. Facts of an old version say nothing: there a
/// value stands for what was not observed, and keys are missing.
pub fn shows(facts: &Value, finding: &StatusFinding) -> Shown {
    let StatusFinding { component, reason_code, .. } = finding;
    if reason_code == reason::INVALID_FACTS {
        // Without the reading that did not fit they would fit as well.
        return if text_at(facts, &["contract", "id"]).is_empty() { Shown::Hidden } else { Shown::ByAll };
    }
    let Some(subject) = Subject::of(facts) else { return Shown::Unsaid };
    if let Some(seen) = (subject.shows)(facts, reason_code) {
        // The facts themselves say it, whichever reading that came from.
        return if seen { Shown::By(Vec::new()) } else { Shown::Hidden };
    }
    let names = |key: &str| {
        let list = at(facts, &["scope", key]).as_array();
        list.is_some_and(|list| list.iter().any(|one| one == component))
    };
    let was_missing = reason_code.strip_suffix(NOT_OBSERVED) == Some(component);
    let [observed, missing] = ["observed", "not_observed"].map(names);
    // That it was missing is over whatever it says now.
    let shown = if observed { was_missing || (subject.sees)(facts) } else { was_missing && !names("requested") && !missing };
    match shown {
        true => Shown::By(subject.steps_of(component)),
        false if observed || missing => Shown::Hidden,
        false => Shown::Unsaid,
    }
}

/// Whether facts prove anything by what they have none of: not those of a service that counts what its user may see, where nothing says
/// that this is anything.
pub fn sees(facts: &Value) -> bool {
    Subject::of(facts).is_none_or(|subject| (subject.sees)(facts))
}

/// The steps that the value of the fact at a dotted path rests on: those that show each component it belongs to. `None` where it may be
/// any: in facts of an old version, of a fact that is made of all that was read, and where nothing says that anything was seen ([`sees`]),
/// since each count says whether the others are worth something.
pub fn rests_on(facts: &Value, key: &str) -> Option<Vec<&'static str>> {
    Subject::of(facts).filter(|subject| (subject.sees)(facts))?.rests_on(key)
}
