//! The intervals at which pairs run, Target by Target.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::work::TargetKey;
use crate::desired::{Cadence, Pair};

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

    /// The shortest of all.
    pub(super) fn shortest(&self) -> Option<Duration> {
        self.0.values().filter_map(|intervals| intervals.keys().next()).min().copied()
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
