//! Rules against a request.

use serde_json::{Map, Value};

use super::invariant;
use super::lookup::Asked;
use super::{Effect, Pack, Refused, Request, Rule, Verdict};

/// Reason code when nothing matches.
pub const NO_MATCHING_RULE: &str = "no_matching_policy_rule";

impl Pack {
    /// What the pack says about a request; `runtime` is what keys below `context.` mean.
    ///
    /// An invariant that denies comes first, then a matching deny, then the invariant that wants a person, then the matching rule of
    /// the least effect; among rules of one effect the first in order. Nothing matches: deny. An explicit deny is never softened.
    /// The order in which rules were written has no part in it.
    ///
    /// # Errors
    /// The rule that decides has a class or score of risk that there is not.
    pub fn evaluate(&self, request: &Request, runtime: &Map<String, Value>) -> Result<Verdict, Refused> {
        let invariant = invariant::broken(request);
        let of_invariant = |invariant: invariant::Invariant| Verdict {
            blockers: vec![invariant.blocker.to_owned()],
            ..Verdict::without_rule(self, request, invariant.decision, invariant.reason_code, invariant.risk)
        };
        if let Some(invariant) = invariant.filter(|invariant| invariant.decision == Effect::Deny) {
            return Ok(of_invariant(invariant));
        }
        let rule = self.first(Asked { request, runtime });
        match (invariant, rule) {
            (Some(invariant), rule) if rule.is_none_or(|rule| rule.effect != Effect::Deny) => Ok(of_invariant(invariant)),
            (_, Some(rule)) => self.verdict(request, rule),
            (_, None) => Ok(Verdict::without_rule(self, request, Effect::Deny, NO_MATCHING_RULE, ("medium", 0.5))),
        }
    }

    /// The matching rule of the least effect, first in order.
    fn first(&self, asked: Asked<'_>) -> Option<&Rule> {
        let rank = |place: usize| self.rules().get(place).map(|rule| (rule.effect, place));
        let best = std::cell::Cell::new(None);
        self.index().matches(
            asked,
            |place| match (rank(place), best.get()) {
                (Some(rank), Some(best)) => rank < best,
                (rank, None) => rank.is_some(),
                (None, Some(_)) => false,
            },
            |place| best.set(rank(place)),
        );
        best.get().and_then(|(_, place)| self.rules().get(place))
    }

    fn verdict(&self, request: &Request, rule: &Rule) -> Result<Verdict, Refused> {
        rule.sound()?;
        let risk = (rule.risk_class.as_str(), rule.risk_score);
        Ok(Verdict {
            rule: Some(rule.id.clone()),
            obligations: rule.obligations.clone(),
            constraints: rule.constraints.clone(),
            ..Verdict::without_rule(self, request, rule.effect, &rule.reason_code, risk)
        })
    }
}
