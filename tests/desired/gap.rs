//! Slots that passed without a run, as tables of instants.

use jiff::{SignedDuration, Timestamp};
use tecrax::api::{Duration, PairId, Schedule, reason};
use tecrax::desired::Cadence;
use tecrax::plan::{Between, Gap, SLOTS_MAX, gap};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn pair() -> PairId {
    PairId::parse("default/c.web").unwrap()
}

fn five_minutes() -> Cadence {
    Cadence::Interval(Duration::parse("5m").unwrap())
}

fn cron(expression: &str) -> Cadence {
    Cadence::Schedule(Schedule { cron: expression.to_owned(), time_zone: None, starting_deadline: None }.into())
}

/// From the last run to `seconds` later, in a process that was there before.
fn after(seconds: i64) -> Between {
    let last = at("2026-03-01T12:00:00Z");
    Between {
        last,
        now: last + SignedDuration::from_secs(seconds),
        process: last - SignedDuration::from_hours(1),
        suspended: false,
        denied: false,
        busy: false,
    }
}

#[test]
fn an_interval_misses_what_does_not_fit() {
    let slots = |seconds| gap(&five_minutes(), &pair(), &after(seconds)).map_or(0, |gap| gap.slots);
    for (seconds, missed) in [(0, 0), (1, 0), (270, 0), (300, 0), (449, 0), (450, 1), (600, 1), (749, 1), (750, 2), (3000, 9)] {
        assert_eq!(slots(seconds), missed, "{seconds} s");
    }
    assert_eq!(slots(-900), 0, "the clock stepped back");
}

#[test]
fn a_gap_begins_where_the_first_missed_run_was_expected() {
    let found = gap(&five_minutes(), &pair(), &after(900)).unwrap();
    assert_eq!(found, Gap { slots: 2, since: at("2026-03-01T12:05:00Z"), reason: reason::LATE });
}

#[test]
fn a_schedule_misses_every_slot_but_the_one_it_serves() {
    let missed = |seconds| gap(&cron("*/10 * * * *"), &pair(), &after(seconds));
    for seconds in [1, 599, 600, 1199] {
        assert_eq!(missed(seconds), None, "{seconds} s");
    }
    assert_eq!(missed(1200).unwrap(), Gap { slots: 1, since: at("2026-03-01T12:10:00Z"), reason: reason::LATE });
    assert_eq!(missed(3600).unwrap().slots, 5);
    assert_eq!(missed(-3600), None, "the clock stepped back");
}

#[test]
fn counting_ends_somewhere() {
    assert_eq!(gap(&cron("* * * * *"), &pair(), &after(365 * 86_400)).unwrap().slots, SLOTS_MAX);
    let year = gap(&Cadence::Interval(Duration::from_secs(1)), &pair(), &after(365 * 86_400)).unwrap();
    assert_eq!(year.slots, 365 * 86_400 - 1, "an interval is divided, not counted");
}

#[test]
fn what_somebody_decided_goes_before_what_happened() {
    let why = |between: &Between| gap(&five_minutes(), &pair(), between).unwrap().reason;
    let late = after(900);
    assert_eq!(why(&late), reason::LATE);
    let absent = Between { process: late.last + SignedDuration::from_secs(301), ..late };
    assert_eq!(why(&absent), reason::NOT_RUNNING);
    let there_in_time = Between { process: late.last + SignedDuration::from_secs(300), ..late };
    assert_eq!(why(&there_in_time), reason::LATE);
    assert_eq!(why(&Between { busy: true, ..absent }), reason::BUSY);
    assert_eq!(why(&Between { denied: true, busy: true, ..absent }), reason::DENIED);
    assert_eq!(why(&Between { suspended: true, denied: true, busy: true, ..absent }), reason::SUSPENDED);
}
