//! What was missed between two runs.

use jiff::{SignedDuration, Timestamp};

use super::schedule::slot_after;
use crate::api::{PairId, reason};
use crate::desired::Cadence;

/// Most missed slots of a schedule that are counted: this many stands for as many or more.
pub const SLOTS_MAX: u64 = 1000;

/// Slots that passed without a run, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// How many; of a schedule at most [`SLOTS_MAX`].
    pub slots: u64,
    /// When the first of them was expected.
    pub since: Timestamp,
    /// One of `Suspended`, `Denied`, `Busy`, `NotRunning`, `Late`.
    pub reason: &'static str,
}

/// What is known of the time between two runs of a pair.
#[derive(Debug, Clone, Copy)]
pub struct Between {
    /// When the last run started.
    pub last: Timestamp,
    /// When the run that ends the gap started.
    pub now: Timestamp,
    /// When this process started.
    pub process: Timestamp,
    /// Whether the pair was suspended since the last run.
    pub suspended: bool,
    /// Whether policy refused its plan since the last run.
    pub denied: bool,
    /// Whether another process held the pair since the last run.
    pub busy: bool,
}

/// The slots that were missed between two runs; `None` when there is none, and when the clock stepped back.
///
/// An interval has no fixed slots with `--once`, so missed is what does not fit: a run up to one and a half intervals after the
/// last one misses nothing, up to two and a half one slot. Of a schedule, every slot since the last run but the one that this
/// run serves.
pub fn gap(cadence: &Cadence, pair: &PairId, between: &Between) -> Option<Gap> {
    let (slots, since) = match cadence {
        Cadence::Interval(interval) => {
            let length = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
            let passed = between.now.as_millisecond().saturating_sub(between.last.as_millisecond());
            let slots = (passed.saturating_add(length / 2) / length).saturating_sub(1);
            let since = between.last.checked_add(SignedDuration::from_millis(length)).unwrap_or(Timestamp::MAX);
            (u64::try_from(slots).unwrap_or_default(), since)
        }
        Cadence::Schedule(_) => missed(cadence, pair, between)?,
    };
    (slots > 0).then(|| Gap { slots, since, reason: why(between, since) })
}

fn missed(cadence: &Cadence, pair: &PairId, between: &Between) -> Option<(u64, Timestamp)> {
    let first = slot_after(cadence, pair, between.last)?;
    let limit = usize::try_from(SLOTS_MAX).unwrap_or(usize::MAX).saturating_add(1);
    let slots = std::iter::successors(Some(first), |slot| slot_after(cadence, pair, *slot))
        .take_while(|slot| *slot <= between.now)
        .take(limit)
        .count();
    Some((u64::try_from(slots).unwrap_or(u64::MAX).saturating_sub(1), first))
}

/// The first that holds: what somebody decided goes before what happened.
fn why(between: &Between, since: Timestamp) -> &'static str {
    if between.suspended {
        reason::SUSPENDED
    } else if between.denied {
        reason::DENIED
    } else if between.busy {
        reason::BUSY
    } else if between.process > since {
        reason::NOT_RUNNING
    } else {
        reason::LATE
    }
}
