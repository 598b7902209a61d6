//! The rules, asked in their order.

use serde_json::Value;

use super::context::Context;
use super::evaluation::{BUDGET_EXHAUSTED, CYCLE_DETECTED, DEPTH_EXCEEDED, Evaluation, NO_MATCHING_RULE};
use super::model::Pack;
use super::outcome::Outcome;
use super::rule::Rule;

impl Pack {
    /// Decides about an observation: an object whose `facts` the rules read. Budgets come first, then the first rule that holds; one
    /// that has asked for a run before is a cycle, and no later one is tried.
    pub fn evaluate(&self, observation: &Value, context: &Context) -> Evaluation {
        if context.depth >= self.budgets.max_depth {
            return self.blocked(DEPTH_EXCEEDED, None);
        }
        if context.reaction_count >= self.budgets.max_reactions {
            return self.blocked(BUDGET_EXHAUSTED, None);
        }
        match self.first_match(observation) {
            Some(rule) if context.visited.contains(&rule.digest) => self.blocked(CYCLE_DETECTED, Some(rule)),
            Some(rule) => Evaluation { matched: true, ..decision(rule, format!("matched:{}", rule.id)) },
            None => decision(&self.fallback, NO_MATCHING_RULE.to_owned()),
        }
    }

    /// The first rule that holds of an observation, whatever led to it. A question is answered once, however many rules ask it.
    pub fn first_match(&self, observation: &Value) -> Option<&Rule> {
        self.rules.get(self.questions.first_match(observation)?)
    }

    /// What exceeds its bounds calls a person, in the words of the fallback.
    fn blocked(&self, reason: &str, held: Option<&Rule>) -> Evaluation {
        Evaluation {
            outcome: Outcome::Escalate,
            intent: None,
            blocked: true,
            held: held.map(|rule| (rule.id.clone(), rule.digest)),
            ..decision(&self.fallback, reason.to_owned())
        }
    }
}

fn decision(rule: &Rule, reason: String) -> Evaluation {
    Evaluation {
        rule_id: rule.id.clone(),
        rule_digest: rule.digest,
        finding: rule.finding.clone(),
        outcome: rule.outcome,
        intent: rule.intent.clone(),
        reason,
        matched: false,
        blocked: false,
        held: None,
    }
}
