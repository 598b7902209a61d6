//! The decision about one observation.

use serde_json::{Value, json};

use super::outcome::Outcome;
use super::rule::FindingWords;
use crate::api::Digest;

/// Reason: the chain of reactions is as long as the pack allows.
pub const DEPTH_EXCEEDED: &str = "max_reaction_depth_exceeded";
/// Reason: there were as many reactions as the pack allows.
pub const BUDGET_EXHAUSTED: &str = "reaction_budget_exhausted";
/// Reason: the rule that holds has asked for a run before.
pub const CYCLE_DETECTED: &str = "reaction_cycle_detected";
/// Reason: no rule holds.
pub const NO_MATCHING_RULE: &str = "no_matching_reaction_rule";

/// The decision about one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The rule that decided: the fallback when none holds or when it was blocked.
    pub rule_id: String,
    /// Its digest.
    pub rule_digest: Digest,
    /// What that rule says was found.
    pub finding: FindingWords,
    /// What is done.
    pub outcome: Outcome,
    /// The intent that is run, when the outcome runs one.
    pub intent: Option<String>,
    /// `matched:<rule id>`, or one of the constants of this module.
    pub reason: String,
    /// Whether a rule other than the fallback decided.
    pub matched: bool,
    /// Whether a budget or a cycle forbids what the rules would ask for.
    pub blocked: bool,
    /// The rule that held, when a cycle blocked it.
    pub held: Option<(String, Digest)>,
}

impl Evaluation {
    /// As records keep it.
    pub fn record(&self) -> Value {
        json!({
            "rule_id": self.rule_id,
            "rule_digest": self.rule_digest,
            "finding": self.finding.record(),
            "outcome": self.outcome.as_str(),
            "intent_ref": self.intent,
            "reason": self.reason,
            "matched": self.matched,
            "blocked": self.blocked,
        })
    }
}
