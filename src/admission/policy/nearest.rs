//! What a denied request came closest to.

use serde_json::{Map, Value};

use super::lookup::Asked;
use super::{Effect, Pack, Request};

/// The admitting rule that a request missed by the fewest conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// The rule.
    pub rule: String,
    /// What it decides.
    pub effect: Effect,
    /// Conditions that do not hold; none when the rule matches and another one, or an invariant, decided.
    pub unmet: Vec<Unmet>,
}

/// A condition that does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Unmet {
    /// Key of the request.
    pub key: String,
    /// What would be accepted.
    pub accepted: Vec<Value>,
    /// What the request holds; none when there is no such value.
    pub found: Option<Value>,
}

impl Pack {
    /// The admitting rule with the fewest conditions that do not hold, the first in order among equals; none when no rule admits.
    /// Linear in the number of rules: meant for denials.
    pub fn nearest(&self, request: &Request, runtime: &Map<String, Value>) -> Option<Nearest> {
        let asked = Asked { request, runtime };
        let admitting = self.rules().iter().enumerate().filter(|(_, rule)| rule.effect.admits());
        let (unmet, rule) =
            admitting.map(|(place, rule)| (self.index().unmet(place, asked), rule)).min_by_key(|(unmet, _)| unmet.len())?;
        let unmet = unmet.into_iter().filter_map(|(place, found)| {
            let condition = rule.conditions.get(place)?;
            Some(Unmet { key: condition.key.clone(), accepted: condition.accepted.clone(), found: found.cloned() })
        });
        Some(Nearest { rule: rule.id.clone(), effect: rule.effect, unmet: unmet.collect() })
    }
}
