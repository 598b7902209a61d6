//! When a pair's next slot is.

use jiff::{SignedDuration, Timestamp};

use crate::api::{Digest, Duration, PairId};
use crate::desired::Cadence;

/// The first slot of `cadence` at or after `from`; `None` when a cron expression never fires again.
///
/// An interval's slots have the phase hash(pair) mod interval, so that pairs do not run in a herd and nothing shifts when the
/// process restarts.
pub fn next_slot(cadence: &Cadence, pair: &PairId, from: Timestamp) -> Option<Timestamp> {
    match cadence {
        Cadence::Interval(interval) => Some(interval_slot(*interval, pair, from)),
        Cadence::Schedule(calendar) => calendar.slot(from),
    }
}

/// The first slot strictly after `at`.
pub(super) fn slot_after(cadence: &Cadence, pair: &PairId, at: Timestamp) -> Option<Timestamp> {
    next_slot(cadence, pair, at.checked_add(SignedDuration::from_millis(1)).ok()?)
}

fn interval_slot(interval: Duration, pair: &PairId, from: Timestamp) -> Timestamp {
    let length = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
    let digest = Digest::of(pair.to_string().as_bytes());
    let seed = digest.as_bytes().iter().take(8).fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    let phase = i64::try_from(seed % length.unsigned_abs()).unwrap_or(0);
    let now = from.as_millisecond();
    let past = (now - phase).rem_euclid(length);
    let wait = if past == 0 { 0 } else { length - past };
    Timestamp::from_millisecond(now.saturating_add(wait)).unwrap_or(Timestamp::MAX)
}

/// Until when evidence of a run that started at `started` counts as fresh: `fresh_for` later, or with a schedule and no
/// `fresh_for` until the second slot after `started`, plus the time-out.
pub fn fresh_until(
    cadence: &Cadence,
    fresh_for: Option<Duration>,
    timeout: Duration,
    pair: &PairId,
    started: Timestamp,
) -> Timestamp {
    let add = |at: Timestamp, span: Duration| {
        let span = SignedDuration::from_millis(i64::try_from(span.as_millis()).unwrap_or(i64::MAX));
        at.checked_add(span).unwrap_or(Timestamp::MAX)
    };
    if let Some(span) = fresh_for {
        return add(started, span);
    }
    let after = |at: Timestamp| slot_after(cadence, pair, at);
    let second = after(started).and_then(after).unwrap_or(Timestamp::MAX);
    add(second, timeout)
}

/// Until when the next run of a pair that started at `started` is expected, whatever `freshFor` says: two intervals and the
/// time-out later, or with a schedule the second slot after it and the time-out. Who has not run by then is not observed on schedule.
pub fn expected_until(cadence: &Cadence, timeout: Duration, pair: &PairId, started: Timestamp) -> Timestamp {
    let span = match cadence {
        Cadence::Interval(interval) => {
            Some(Duration::from_millis(interval.as_millis().saturating_mul(2).saturating_add(timeout.as_millis())))
        }
        Cadence::Schedule(_) => None,
    };
    fresh_until(cadence, span, timeout, pair, started)
}
