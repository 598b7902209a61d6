//! What would run and why: the comparison as a value, which `tecrax plan` prints without contacting anything.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::schedule::{next_slot, slot_after};
use super::{Mode, Plan, Proposed, Timing, Why, propose, timing};
use crate::api::{LastEvidence, Namespace, PairId, SubdomainName};
use crate::desired::{Cadence, Desired, Pair};

/// The comparison of every pair with its evidence.
#[derive(Debug)]
pub struct Planning {
    /// Desired pairs, in id order.
    pub entries: Vec<Entry>,
    /// Pairs with evidence that are no longer desired, sorted.
    pub removed: Vec<PairId>,
}

/// One desired pair.
#[derive(Debug)]
pub struct Entry {
    /// The pair.
    pub pair: Pair,
    /// Whether it runs now, and why.
    pub timing: Timing,
    /// Its plan.
    pub plan: Plan<Proposed>,
}

/// How often a Target is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetLoad {
    /// Pairs that are not suspended.
    pub pairs: usize,
    /// Runs per hour of the pairs with an interval, and of cron schedules counted over the next 24 hours.
    pub runs_per_hour: f64,
}

/// Compares every desired pair with its latest evidence.
pub fn planning<S: std::hash::BuildHasher>(
    desired: &Desired,
    last: &HashMap<PairId, LastEvidence, S>,
    now: Timestamp,
    mode: Mode,
) -> Planning {
    let entries: Vec<Entry> = desired
        .pairs
        .iter()
        .map(|pair| {
            let plan = propose(pair);
            Entry { pair: pair.clone(), timing: timing(pair, plan.digest(), last.get(&pair.id), now, mode), plan }
        })
        .collect();
    let wanted: HashSet<&PairId> = entries.iter().map(|entry| &entry.pair.id).collect();
    let mut removed: Vec<PairId> = last.keys().filter(|id| !wanted.contains(id)).cloned().collect();
    removed.sort();
    Planning { entries, removed }
}

impl Planning {
    /// The same with runs that somebody asks for: those pairs run now, unless they are suspended.
    #[must_use]
    pub fn asked(mut self, asked: impl Fn(&PairId) -> bool, now: Timestamp) -> Self {
        for entry in &mut self.entries {
            if matches!(entry.timing.why, Why::Fresh | Why::Due) && asked(&entry.pair.id) {
                entry.timing = Timing { why: Why::RerunRequested, next: Some(now) };
            }
        }
        self
    }

    /// Entries that run now.
    pub fn due(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.timing.why.runs())
    }

    /// How often each Target is looked at.
    pub fn load(&self, now: Timestamp) -> BTreeMap<(Namespace, SubdomainName), TargetLoad> {
        let mut loads: BTreeMap<(Namespace, SubdomainName), TargetLoad> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| entry.timing.why != Why::Suspended) {
            let key = (entry.pair.id.namespace.clone(), entry.pair.id.target.clone());
            let load = loads.entry(key).or_insert(TargetLoad { pairs: 0, runs_per_hour: 0.0 });
            load.pairs += 1;
            load.runs_per_hour += runs_per_hour(&entry.pair, now);
        }
        loads
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
fn runs_per_hour(pair: &Pair, now: Timestamp) -> f64 {
    const HOUR_MS: f64 = 3_600_000.0;
    const MINUTES_A_DAY: usize = 1440;
    match &pair.check.cadence {
        Cadence::Interval(interval) => HOUR_MS / (interval.as_millis().max(1) as f64),
        Cadence::Schedule(_) => {
            let end = now.checked_add(jiff::SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
            let next = |slot: &Timestamp| slot_after(&pair.check.cadence, &pair.id, *slot);
            let slots = std::iter::successors(next_slot(&pair.check.cadence, &pair.id, now), next);
            slots.take(MINUTES_A_DAY).take_while(|slot| *slot < end).count() as f64 / 24.0
        }
    }
}
