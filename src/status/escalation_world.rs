//! What the decision about Escalations reads, put together from states and from what is wanted.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use jiff::{SignedDuration, Timestamp};

use super::{EscalationState, PairState, Wanted, WantedCheck, WantedTarget};
use crate::api::{Duration, EscalationId, LabelName, Namespace, PairId, SubdomainName};
use crate::desired::Cadence;
use crate::plan::next_slot;
use crate::reaction::escalation::{Look, Matter, World, is_lost};

/// What is wanted, as far as Escalations depend on it: of all sets of manifests together.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// Every wanted pair.
    pub pairs: HashMap<PairId, Wanted>,
    /// Every wanted Target.
    pub targets: BTreeMap<(Namespace, SubdomainName), WantedTarget>,
    /// Every wanted Check.
    pub checks: HashMap<(Namespace, LabelName), WantedCheck>,
}

/// The world of the decision at `now`, of one who has looked at pairs without a pause since `began`. `single` says whether an intent
/// takes one reading only, `holds` whether calls may be held back for a look that comes by itself.
pub fn escalation_world<'a, S: BuildHasher>(
    states: &'a HashMap<PairId, PairState, S>,
    wants: &Wants,
    known: &'a BTreeMap<EscalationId, EscalationState>,
    single: &dyn Fn(&str) -> bool,
    (began, holds, now): (Timestamp, bool, Timestamp),
) -> World<'a> {
    let matter = |(id, state): (&EscalationId, &'a EscalationState)| Some((id.clone(), state.matter.as_ref()?));
    let parents = |(key, target): (&(Namespace, SubdomainName), &WantedTarget)| (key.clone(), target.depends_on.clone());
    let runbook = |(key, check): (&(Namespace, LabelName), &WantedCheck)| Some((key.clone(), check.runbook_url.clone()?));
    World {
        looks: states.values().filter_map(|state| look(state, wants.pairs.get(&state.pair), single)).collect(),
        parents: wants.targets.iter().map(parents).collect(),
        runbooks: wants.checks.iter().filter_map(runbook).collect(),
        known: known.iter().filter_map(matter).collect::<BTreeMap<EscalationId, &'a Matter>>(),
        began,
        holds,
        now,
    }
}

/// What a pair says; `None` before its first run and when nobody wants it any more.
fn look<'a>(state: &'a PairState, wanted: Option<&Wanted>, single: &dyn Fn(&str) -> bool) -> Option<Look<'a>> {
    let last = state.last.as_ref().filter(|_| !state.removed)?;
    // Its tombstone may still be to come: what is removed claims nothing from the moment on in which that is known.
    let wanted = wanted?;
    Some(Look {
        pair: &state.pair,
        started: last.started,
        since: state.since.unwrap_or(last.started),
        lost: state.is_lost(),
        runs: !wanted.suspended && state.denied.is_none(),
        last_healthy: state.last_healthy,
        single: single(&state.intent),
        turn: turn(wanted, last.started),
        tracked: &state.tracked,
    })
}

/// From a run that started at `started` to the end of the next at most.
fn turn(wanted: &Wanted, started: Timestamp) -> SignedDuration {
    let cadence = wanted.cadence();
    let wait = match &cadence {
        Cadence::Interval(interval) => signed(*interval),
        Cadence::Schedule(_) => {
            let after = started.checked_add(SignedDuration::from_secs(1)).unwrap_or(started);
            next_slot(&cadence, &wanted.pair, after).map_or(SignedDuration::ZERO, |next| next.duration_since(started))
        }
    };
    wait.saturating_add(signed(wanted.timeout))
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::from_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}

impl PairState {
    /// Whether its last run got no answer at all: lost by transport.
    pub fn is_lost(&self) -> bool {
        self.last.as_ref().is_some_and(|last| is_lost(last.coverage, &self.findings))
    }
}
