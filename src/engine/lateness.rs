//! How many pairs show `Stale`: whether checks run as they should is not said by when the last one did.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Event;
use super::agenda::Agenda;
use crate::desired::Pair;
use crate::plan::{expected_until, fresh_until};

/// How often they are counted.
const EVERY: Duration = Duration::from_secs(10);

/// What is known of when the evidence of each pair is stale: to work that out for a calendar takes far longer than to compare instants.
#[derive(Debug, Default)]
pub(super) struct Lateness {
    pairs: Vec<Option<Until>>,
    counted: Option<Instant>,
}

/// How long the evidence of a run counts.
#[derive(Debug, Clone, Copy)]
struct Until {
    started: Timestamp,
    /// As far as `freshFor` says.
    fresh: Timestamp,
    /// Until the next run should have begun.
    expected: Timestamp,
}

impl Until {
    fn of(pair: &Pair, started: Timestamp) -> Self {
        let check = &pair.check;
        Self {
            started,
            fresh: fresh_until(&check.cadence, check.fresh_for, check.timeout, &pair.id, started),
            expected: expected_until(&check.cadence, check.timeout, &pair.id, started),
        }
    }
}

impl Lateness {
    /// New manifests: other pairs, and other intervals.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Counts the pairs of `agenda` that are stale at `now`; `None` when that was done just before. What is suspended or denied is not
    /// looked at, and stale for no fault of anybody's.
    pub(super) fn count(&mut self, pairs: &[Pair], agenda: &Agenda, now: Timestamp, clock: Instant) -> Option<Event> {
        if self.counted.is_some_and(|counted| clock.duration_since(counted) < EVERY) {
            return None;
        }
        self.counted = Some(clock);
        self.pairs.resize(pairs.len(), None);
        let (mut overdue, mut on_schedule) = (0, 0);
        for ((pair, known), started) in pairs.iter().zip(&mut self.pairs).zip(agenda.started()) {
            let Some(started) = started.filter(|_| !pair.check.suspend && !pair.target.suspend) else { continue };
            let until = match *known {
                Some(until) if until.started == started => until,
                _ => *known.insert(Until::of(pair, started)),
            };
            if now > until.expected {
                overdue += 1;
            } else if now > until.fresh {
                on_schedule += 1;
            }
        }
        Some(Event::Stale { overdue, on_schedule })
    }
}
