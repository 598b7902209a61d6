//! Slots that a cadence promises.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::api::{Duration, PairId, Schedule};
use crate::desired::Cadence;
use crate::plan::next_slot;

/// Most slots of a schedule that are counted one by one: a year of every minute. More stand for as many.
const SLOTS_MAX: usize = 600_000;

/// Reads the cadence of a record's body.
pub fn cadence(body: &Value) -> Option<Cadence> {
    let cadence = body.get("cadence")?;
    let text = |key: &str| cadence.get(key).and_then(Value::as_str);
    if let Some(interval) = text("interval") {
        return Duration::parse(interval).map(Cadence::Interval);
    }
    let time_zone = text("time_zone").map(str::to_owned);
    Some(Cadence::Schedule(Schedule { cron: text("cron")?.to_owned(), time_zone, starting_deadline: None }.into()))
}

/// The cadence as people write it.
pub fn words(cadence: &Cadence) -> String {
    match cadence {
        Cadence::Interval(interval) => format!("every {interval}"),
        Cadence::Schedule(calendar) => {
            let schedule = calendar.schedule();
            format!("{} {}", schedule.cron, schedule.time_zone.as_deref().unwrap_or("UTC"))
        }
    }
}

/// Slots in `from..to`. Those of an interval are counted from `anchor`, a run; those of a schedule stand in the calendar.
pub fn count(cadence: &Cadence, pair: &PairId, anchor: Timestamp, from: Timestamp, to: Timestamp) -> u64 {
    if from >= to {
        return 0;
    }
    match cadence {
        Cadence::Interval(interval) => {
            let length = millis(*interval);
            // Slots before an instant: those at anchor, anchor + length, …
            let before = |at: Timestamp| {
                let passed = at.as_millisecond().saturating_sub(anchor.as_millisecond());
                if passed <= 0 { 0 } else { (passed - 1) / length + 1 }
            };
            u64::try_from(before(to) - before(from)).unwrap_or_default()
        }
        Cadence::Schedule(_) => {
            let after = |at: Timestamp| next_slot(cadence, pair, at.checked_add(SignedDuration::from_secs(1)).ok()?);
            let slots = std::iter::successors(next_slot(cadence, pair, from), |slot| after(*slot));
            u64::try_from(slots.take_while(|slot| *slot < to).take(SLOTS_MAX).count()).unwrap_or(u64::MAX)
        }
    }
}

/// What the time from one run to the next promised, as far as it lies at `from` or later. A run has no fixed slot with an interval
/// and `--once`, so the number of intervals is rounded: neither a late run nor a forced one changes it.
pub fn between(cadence: &Cadence, pair: &PairId, last: Timestamp, next: Timestamp, from: Timestamp) -> u64 {
    match cadence {
        Cadence::Interval(interval) => {
            let length = millis(*interval);
            let passed = next.as_millisecond().saturating_sub(last.as_millisecond()).max(0);
            let rounded = u64::try_from(passed.saturating_add(length / 2) / length).unwrap_or_default();
            rounded.saturating_sub(count(cadence, pair, last, last, from))
        }
        // The slot that a run serves lies at or before its start.
        Cadence::Schedule(_) => count(cadence, pair, last, last.max(from), next),
    }
}

fn millis(interval: Duration) -> i64 {
    i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-03-01T{text}Z").parse().unwrap_or(Timestamp::MIN)
    }

    #[expect(clippy::unwrap_used, reason = "a test")]
    fn pair() -> PairId {
        PairId::parse("default/a.b").unwrap()
    }

    const FIVE: Cadence = Cadence::Interval(Duration::from_secs(300));

    #[test]
    fn slots_of_an_interval_are_counted_from_a_run() {
        for (anchor, from, to, slots) in [
            ("12:00:00", "12:00:00", "13:00:00", 12),
            ("12:00:00", "12:00:00", "13:00:01", 13),
            ("12:00:00", "12:00:01", "12:05:00", 0),
            ("12:00:00", "12:00:01", "12:05:01", 1),
            ("12:00:00", "11:00:00", "12:00:00", 0),
            ("11:58:00", "12:00:00", "12:10:00", 2),
            ("12:00:00", "12:10:00", "12:00:00", 0),
        ] {
            assert_eq!(count(&FIVE, &pair(), at(anchor), at(from), at(to)), slots, "{anchor} {from} {to}");
        }
    }

    #[test]
    fn slots_of_a_schedule_stand_in_the_calendar() {
        let schedule = Schedule { cron: "15 * * * *".to_owned(), time_zone: None, starting_deadline: None };
        let hourly = Cadence::Schedule(schedule.into());
        assert_eq!(count(&hourly, &pair(), at("00:00:00"), at("12:15:00"), at("14:15:00")), 2);
        assert_eq!(count(&hourly, &pair(), at("00:00:00"), at("12:15:01"), at("14:15:01")), 2);
        assert_eq!(between(&hourly, &pair(), at("12:15:01"), at("15:15:01"), at("00:00:00")), 3);
        assert_eq!(between(&hourly, &pair(), at("12:15:01"), at("15:15:01"), at("14:00:00")), 2);
    }

    #[test]
    fn late_and_forced_runs_promise_nothing_more() {
        for (last, next, from, slots) in [
            ("12:00:00", "12:05:00", "00:00:00", 1),
            ("12:00:00", "12:05:20", "00:00:00", 1),
            ("12:00:00", "12:04:30", "00:00:00", 1),
            ("12:00:00", "12:02:00", "00:00:00", 0),
            ("12:00:00", "12:10:10", "00:00:00", 2),
            ("12:00:00", "12:20:00", "12:07:00", 2),
            ("11:58:00", "12:03:00", "12:00:00", 0),
            ("12:05:00", "12:00:00", "00:00:00", 0),
        ] {
            assert_eq!(between(&FIVE, &pair(), at(last), at(next), at(from)), slots, "{last} {next} {from}");
        }
    }
}
