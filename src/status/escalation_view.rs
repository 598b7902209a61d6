//! An Escalation as it is shown now: counts of runs come from the pairs that claim it.

use std::collections::HashMap;
use std::hash::BuildHasher;

use jiff::Timestamp;

use super::{EscalationState, PairState};
use crate::api::{FindingStage, PairId, TrackedFinding};
use crate::reaction::escalation::{Claim, Matter, is_loss, loss_key};

/// What the Escalation says at `now`: claims with the runs since its last record; an acknowledgement that has expired is gone. `None`
/// without a record that this version can read.
pub fn matter_now<S: BuildHasher>(
    state: &EscalationState,
    pairs: &HashMap<PairId, PairState, S>,
    now: Timestamp,
) -> Option<Matter> {
    let mut matter = state.matter.clone()?;
    matter.acknowledged = matter.acknowledged_at(now).cloned();
    let Some(target) = matter.target.clone().filter(|_| matter.is_open()) else { return Some(matter) };
    let losses = matter.key == loss_key();
    let key = matter.key.clone();
    let about = |tracked: &&TrackedFinding| {
        let of = tracked.key();
        tracked.stage == FindingStage::Raised && (of == key || (losses && is_loss(&of, true)))
    };
    for claim in &mut matter.claims {
        let pair = PairId { namespace: state.id.namespace.clone(), check: claim.check.clone(), target: target.clone() };
        let tracked = pairs.get(&pair).and_then(|pair| pair.tracked.iter().find(about));
        if let Some(tracked) = tracked {
            refresh(claim, tracked);
        }
    }
    matter.last_seen = matter.claims.iter().map(|claim| claim.last_seen).max().unwrap_or(matter.last_seen);
    matter.summary = matter.summary_at(now);
    Some(matter)
}

fn refresh(claim: &mut Claim, tracked: &TrackedFinding) {
    claim.last_seen = claim.last_seen.max(tracked.last_seen);
    claim.seen = claim.seen.max(tracked.seen_of_span());
    claim.runs = claim.runs.max(tracked.runs_of_span());
}
