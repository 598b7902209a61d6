//! A pass that must end in time: what it did not come to is told as such, and nothing is recorded about it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::Engine;
use super::work::TargetWork;
use crate::api::PairId;
use crate::status::PairState;

/// The most of a deadline that is kept for what follows the runs: committing, deciding on Escalations, telling Sinks, signing.
const FINISH_MAX: Duration = Duration::from_secs(5);
/// The part of a short deadline that is kept for it.
const FINISH_PART: u32 = 5;

/// When a pass must have ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// When runs in progress are ended without a record.
    runs: Instant,
    /// When nobody is told anything more.
    all: Instant,
}

impl Engine {
    /// The pass that began at `began` ends within `whole`: a fifth of it, at most five seconds, is kept for what follows the runs.
    /// Only the first word counts.
    pub fn end_within(&self, began: Instant, whole: Duration) {
        let all = began + whole;
        let _ = self.deadline.set(Deadline { runs: all - (whole / FINISH_PART).min(FINISH_MAX), all });
    }

    /// How long Sinks may be told: `most`, or what is left of the deadline.
    pub(super) fn time_to_tell(&self, most: Duration) -> Duration {
        self.deadline.get().map_or(most, |deadline| most.min(deadline.all.saturating_duration_since(Instant::now())))
    }

    /// Ends runs in progress when their time is over, and says whether it is.
    pub(super) fn end_if_late(&self) -> bool {
        let out = self.deadline.get().is_some_and(|deadline| deadline.runs <= Instant::now());
        if out {
            self.stop.say();
        }
        out
    }

    /// Returns when runs are to be ended; never without a deadline.
    pub(super) async fn runs_end(&self) {
        match self.deadline.get() {
            Some(deadline) => sleep_until(deadline.runs).await,
            None => std::future::pending().await,
        }
    }

    /// Returns when everything is to be ended; never without a deadline.
    pub(super) async fn all_ends(&self) {
        match self.deadline.get() {
            Some(deadline) => sleep_until(deadline.all).await,
            None => std::future::pending().await,
        }
    }
}

/// Pairs that were due when a pass with a deadline began, each with the sequence number of its run before.
#[derive(Debug, Default)]
pub(super) struct Due(Vec<(PairId, Option<u64>)>);

impl Due {
    /// What `work` holds; empty without a deadline, as then everything has its turn.
    pub(super) fn of(engine: &Engine, work: &[TargetWork], states: &HashMap<PairId, PairState>) -> Self {
        if engine.deadline.get().is_none() {
            return Self::default();
        }
        let ids = work.iter().flat_map(|work| &work.plans).map(|plan| &plan.pair().id);
        Self(ids.map(|id| (id.clone(), states.get(id).and_then(last_seq))).collect())
    }

    /// Whether nothing was due, or nobody asks.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that nobody has run since. What another process works on, `busy`, is not left: it is in good hands.
    pub(super) fn left<'s>(self, busy: &[PairId], state: impl Fn(&PairId) -> Option<&'s PairState>) -> HashSet<PairId> {
        let busy: HashSet<&PairId> = busy.iter().collect();
        let left =
            |(id, before): (PairId, Option<u64>)| (!busy.contains(&id) && state(&id).and_then(last_seq) == before).then_some(id);
        self.0.into_iter().filter_map(left).collect()
    }
}

fn last_seq(state: &PairState) -> Option<u64> {
    state.last.as_ref().map(|last| last.seq)
}

/// Puts first what was never looked at, then what was looked at longest ago: where every pass runs out of time, nobody waits for ever.
pub(super) fn longest_waiting_first(work: &mut [TargetWork], states: &HashMap<PairId, PairState>) {
    work.sort_by_cached_key(|work| {
        let started = |id: &PairId| states.get(id).and_then(|state| state.last.as_ref()).map(|last| last.started);
        work.plans.iter().map(|plan| started(&plan.pair().id)).min().unwrap_or(Some(Timestamp::MAX))
    });
}
