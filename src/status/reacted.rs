//! What a decision changes in the state of a pair.

use jiff::Timestamp;

use super::PairState;
use super::fold::seconds;
use crate::api::{Condition, ConditionStatus, ConditionType, ReactionOutcome, ReactionStatus, reason, set_condition};
use crate::reaction::WAIVER;

/// Takes a decision into the state, after what the pair remembers from it on.
pub(super) fn take_reaction(state: &mut PairState, reaction: ReactionStatus, at: Timestamp) {
    if let Some(last) = &mut state.last {
        last.reaction = reaction.outcome;
    }
    let waits = waits(state);
    let Some(status) = &mut state.status else { return };
    let old = &status.reaction;
    if (old.outcome, &old.reason, &old.rule, &old.intent)
        != (reaction.outcome, &reaction.reason, &reaction.rule, &reaction.intent)
    {
        status.reaction = reaction;
    }
    let known = status.conditions.iter().find(|condition| condition.r#type == ConditionType::Escalated);
    // What was raised stays raised until it is seen gone, whatever this run came to.
    let reason = match (status.reaction.outcome, waits) {
        (ReactionOutcome::Escalate, _) => status.reaction.reason.clone(),
        (_, Some(_)) if known.is_some() => return,
        (_, Some(reason)) => reason.to_owned(),
        (_, None) => {
            status.conditions.retain(|condition| condition.r#type != ConditionType::Escalated);
            return;
        }
    };
    if known.is_some_and(|known| known.reason == reason) {
        return;
    }
    let condition = Condition {
        r#type: ConditionType::Escalated,
        status: ConditionStatus::True,
        reason,
        message: "a person should look".to_owned(),
        last_transition_time: seconds(at),
        observed_generation: status.observed_generation,
    };
    set_condition(&mut status.conditions, condition);
}

/// For what a person waits, when something is raised.
fn waits(state: &PairState) -> Option<&'static str> {
    let mut raised = state.raised().peekable();
    raised.peek()?;
    Some(if raised.all(|tracked| tracked.finding.kind == WAIVER) { reason::WAIVER_EXPIRES } else { reason::STILL_FAILING })
}
