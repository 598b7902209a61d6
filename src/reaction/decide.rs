//! The rules in force: healthy → `no_op`; else one `rerun` to confirm; then `escalate`.

use serde_json::{Value, json};

use crate::api::{Assessment, ReactionOutcome, ReactionStatus, reason};

/// Most reruns that one run may lead to.
pub const MAX_DEPTH: u32 = 1;

/// Everything that the decision depends on; recorded with it, so that it can be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The intent of the pair.
    pub intent: String,
    /// What the run said.
    pub assessment: Assessment,
    /// How many reruns led to the run.
    pub depth: u32,
    /// What the pair was escalated as, when it has not been healthy since. Another assessment is another matter and is confirmed
    /// anew.
    pub escalated_as: Option<Assessment>,
}

impl Inputs {
    /// As evidence keeps them.
    pub fn to_json(&self) -> Value {
        json!({
            "intent": self.intent,
            "assessment": self.assessment,
            "depth": self.depth,
            "escalated_as": self.escalated_as,
        })
    }
}

/// Decides. First match wins; the last rule always matches.
pub fn decide(inputs: &Inputs) -> ReactionStatus {
    let healthy = inputs.assessment == Assessment::Healthy;
    let (outcome, rule, reason) = if healthy && inputs.depth == 0 {
        (ReactionOutcome::NoOp, "builtin.healthy", reason::HEALTHY)
    } else if healthy {
        (ReactionOutcome::NoOp, "builtin.not-confirmed", reason::NOT_CONFIRMED)
    } else if inputs.depth >= MAX_DEPTH {
        (ReactionOutcome::Escalate, "builtin.confirmed", reason::CONFIRMED)
    } else if inputs.escalated_as == Some(inputs.assessment) {
        (ReactionOutcome::Escalate, "builtin.still-failing", reason::STILL_FAILING)
    } else {
        (ReactionOutcome::Rerun, "builtin.confirm", reason::TO_CONFIRM)
    };
    ReactionStatus {
        outcome,
        rule: rule.to_owned(),
        intent: (outcome == ReactionOutcome::Rerun).then(|| inputs.intent.clone()),
        depth: inputs.depth,
        reason: reason.to_owned(),
    }
}
