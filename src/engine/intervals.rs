//! The intervals at which pairs run, Target by Target.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::work::TargetKey;
use crate::desired::{Cadence, Pair};

/// Longest pause between two turns that start something. Pairs that come due meanwhile are claimed, and their runs committed, in one
/// go, and nobody notices a check that begins a moment later. Never more than a quarter of the shortest interval: a run that begins half an
/// interval late has lost the next slot.
const PAUSE_MAX: Duration = Duration::from_millis(500);

/// The intervals of each Target's pairs that are not suspended, and how many have each.
#[derive(Debug, Default)]
pub(super) struct Intervals(HashMap<TargetKey, BTreeMap<Duration, u32>>);

impl Intervals {
    pub(super) fn of_all(pairs: &[Pair]) -> Self {
        let mut all = Self::default();
        for (key, interval) in pairs.iter().filter_map(entry) {
            *all.0.entry(key).or_default().entry(interval).or_default() += 1;
        }
        all
    }

    /// Takes one of the pairs out: it may not run.
    pub(super) fn remove(&mut self, pair: &Pair) {
        let Some((key, interval)) = entry(pair) else { return };
        let Some(intervals) = self.0.get_mut(&key) else { return };
        if let Some(number) = intervals.get_mut(&interval) {
            *number = number.saturating_sub(1);
            if *number == 0 {
                intervals.remove(&interval);
            }
        }
    }

    /// The shortest of a Target.
    pub(super) fn of(&self, target: &TargetKey) -> Option<Duration> {
        self.0.get(target)?.keys().next().copied()
    }

    /// From one turn that starts something to the next at least.
    pub(super) fn pause(&self) -> Duration {
        let shortest = self.0.values().filter_map(|intervals| intervals.keys().next()).min();
        shortest.map_or(PAUSE_MAX, |shortest| PAUSE_MAX.min(*shortest / 4))
    }
}

fn entry(pair: &Pair) -> Option<(TargetKey, Duration)> {
    match &pair.check.cadence {
        Cadence::Interval(interval) if !pair.check.suspend && !pair.target.suspend => {
            Some(((pair.id.namespace.clone(), pair.id.target.clone()), interval.to_std()))
        }
        _ => None,
    }
}
