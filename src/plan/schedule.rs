//! When a pair's next slot is.

use std::sync::LazyLock;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use crate::api::{Digest, Duration, PairId, Schedule};
use crate::desired::Cadence;

/// The zones that this binary brings along, as the manifests were checked against: a machine's own tzdata may lack a name.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Reads a five-field cron expression.
///
/// # Errors
/// A sentence about what is wrong with it.
pub fn parse_cron(expression: &str) -> Result<Cron, String> {
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build()
        .parse(expression)
        .map_err(|error| error.to_string())
}

/// The first slot of `cadence` at or after `from`; `None` when a cron expression never fires again.
///
/// An interval's slots have the phase hash(pair) mod interval, so that pairs do not run in a herd and nothing shifts when the
/// process restarts.
pub fn next_slot(cadence: &Cadence, pair: &PairId, from: Timestamp) -> Option<Timestamp> {
    match cadence {
        Cadence::Interval(interval) => Some(interval_slot(*interval, pair, from)),
        Cadence::Schedule(schedule) => cron_slot(schedule, from),
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

fn cron_slot(schedule: &Schedule, from: Timestamp) -> Option<Timestamp> {
    let zone = schedule.time_zone.as_deref().map_or(Some(TimeZone::UTC), |name| ZONES.get(name).ok())?;
    let cron = parse_cron(&schedule.cron).ok()?;
    // Slots are whole seconds, and the search does not see less: what has begun is over.
    let from = from.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil)).ok()?;
    cron.find_next_occurrence(&from.to_zoned(zone), true).ok().map(|zoned| zoned.timestamp())
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
