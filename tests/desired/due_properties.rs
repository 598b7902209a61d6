//! Due times for any interval, schedule, zone and clock.

use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;
use tecrax::api::{Duration, PairId, Schedule};
use tecrax::desired::Cadence;
use tecrax::plan::{Mode, expected_until, fresh_until, next_after, next_slot};

const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/St_Johns",
];
/// How often a clock is asked in a history of a pair.
const ASKED: usize = 400;

fn millis(millis: i64) -> SignedDuration {
    SignedDuration::from_millis(millis)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    // 1970 to 2100.
    (0_i64..4_102_444_800_000).prop_map(|at| Timestamp::from_millisecond(at).unwrap())
}

fn pair() -> impl Strategy<Value = PairId> {
    "[a-z]{1,8}".prop_map(|name| PairId::parse(&format!("default/check.{name}")).unwrap())
}

fn every(length: i64) -> Cadence {
    Cadence::Interval(Duration::from_millis(u64::try_from(length).unwrap()))
}

fn daily(hour: i8, minute: i8, zone: &str) -> Cadence {
    let cron = format!("{minute} {hour} * * *");
    Cadence::Schedule(Schedule { cron, time_zone: Some(zone.to_owned()), starting_deadline: None }.into())
}

proptest! {
    #[test]
    fn slots_of_an_interval_are_exactly_one_interval_apart_wherever_one_asks(
        length in 1_000_i64..31_536_000_000, pair in pair(), from in instant(), later in 0_i64..31_536_000_000,
    ) {
        let cadence = every(length);
        let slot = next_slot(&cadence, &pair, from).unwrap();
        prop_assert!(slot >= from && slot < from + millis(length));
        prop_assert_eq!(next_slot(&cadence, &pair, slot), Some(slot));
        let other = next_slot(&cadence, &pair, from + millis(later)).unwrap();
        prop_assert_eq!((other.as_millisecond() - slot.as_millisecond()) % length, 0, "the phase has moved");
    }

    #[test]
    fn after_any_run_the_next_slot_is_half_to_one_and_a_half_intervals_away(
        length in 1_000_i64..86_400_000, pair in pair(), started in instant(),
    ) {
        let next = next_after(&every(length), &pair, started, started, Mode::Watch).unwrap();
        let wait = next.as_millisecond() - started.as_millisecond();
        prop_assert!(wait >= length / 2 && wait <= length / 2 + length, "{wait} of {length}");
        prop_assert_eq!(next_slot(&every(length), &pair, next), Some(next), "it is a slot");
    }

    /// A clock that is set now and then, by any amount, while the machine goes on: a pair never runs twice within half an interval of real
    /// time but for the one run that each step may cause, and is never silent for longer than three and a half: after an unscheduled run
    /// the next slot is up to one and a half away; a clock that is set back right before it, to half an interval before that run, has to
    /// come there again. With a schedule it is four: it has to come to the slot after the last run again, from less than two slots before.
    #[test]
    fn a_clock_that_is_set_causes_neither_a_burst_nor_silence(
        length in 10_000_i64..3_600_000, pair in pair(), from in instant(),
        steps in proptest::collection::vec((0..ASKED, -90_000_000_i64..90_000_000), 0..4), schedule in proptest::bool::ANY,
    ) {
        let length = if schedule { 60_000 } else { length };
        let minutely = Schedule { cron: "* * * * *".to_owned(), time_zone: None, starting_deadline: None };
        let cadence = if schedule { Cadence::Schedule(minutely.into()) } else { every(length) };
        // Asked twenty times an interval; steps need some time between them, or they add up to one.
        let tick = length / 20;
        let mut wall = next_slot(&cadence, &pair, from).unwrap();
        let (mut last, mut runs, mut stepped) = (wall, vec![0_i64], Vec::new());
        for asked in 1..ASKED {
            wall += millis(tick);
            let now = i64::try_from(asked).unwrap() * tick;
            let quiet = stepped.last().is_none_or(|before| now - before > 3 * length);
            if let Some((_, by)) = steps.iter().find(|(at, _)| *at == asked).filter(|_| quiet) {
                wall = wall.checked_add(millis(*by)).unwrap_or(wall).max(Timestamp::UNIX_EPOCH);
                stepped.push(now);
            }
            let next = next_after(&cadence, &pair, last, wall, Mode::Watch).unwrap();
            if next <= wall {
                runs.push(now);
                last = wall;
            }
        }
        for two in runs.windows(2) {
            let apart = two[1] - two[0];
            let most = if schedule { 4 * length } else { 3 * length + length / 2 };
            prop_assert!(apart <= most + tick, "silent for {apart} of {length}: {runs:?}, set at {stepped:?}");
        }
        let close = runs.windows(2).filter(|two| two[1] - two[0] < length / 2 - tick).count();
        prop_assert!(close <= 2 * stepped.len(), "a burst: {runs:?}, set at {stepped:?}");
    }

    /// Against a calendar of whole days: every local day has its one slot, at the time that is written or, where the clock leaps over it,
    /// when it has leapt.
    #[test]
    fn a_daily_schedule_has_one_slot_on_every_day_of_its_zone(
        hour in 0_i8..24, minute in 0_i8..60, zone in select(&ZONES[..]), from in instant(),
    ) {
        let (cadence, id) = (daily(hour, minute, zone), PairId::parse("default/c.web").unwrap());
        // As the binary knows it: the machine may know an older or a newer one.
        let zone = TimeZoneDatabase::bundled().get(zone).unwrap();
        let mut slot = next_slot(&cadence, &id, from).unwrap();
        for _ in 0..40 {
            let next = next_slot(&cadence, &id, slot + millis(1)).unwrap();
            prop_assert!(next > slot);
            let (today, tomorrow) = (slot.to_zoned(zone.clone()), next.to_zoned(zone.clone()));
            // A zone may leave out a whole day: Apia had no 30 December 2011.
            let expected = today.date().tomorrow().unwrap();
            let skipped = zone.to_ambiguous_zoned(expected.at(hour, minute, 0, 0)).is_ambiguous();
            prop_assert!(tomorrow.date() == expected || skipped, "{today} and then {tomorrow}");
            if !skipped {
                prop_assert_eq!((tomorrow.hour(), tomorrow.minute(), tomorrow.second()), (hour, minute, 0), "{}", tomorrow);
            }
            slot = next;
        }
    }

    /// Who says nothing of `freshFor` is stale exactly when nobody observes on schedule any more.
    #[test]
    fn a_pair_is_expected_for_as_long_as_its_evidence_is_fresh_by_default(
        length in 1_000_i64..86_400_000, timeout in 1_u64..600_000, pair in pair(), started in instant(), zone in select(&ZONES[..]),
    ) {
        let timeout = Duration::from_millis(timeout);
        let default = Duration::from_millis(u64::try_from(2 * length).unwrap() + timeout.as_millis());
        let interval = every(length);
        let until = expected_until(&interval, timeout, &pair, started);
        prop_assert_eq!(until, fresh_until(&interval, Some(default), timeout, &pair, started));
        let night = daily(2, 30, zone);
        let until = expected_until(&night, timeout, &pair, started);
        prop_assert_eq!(until, fresh_until(&night, None, timeout, &pair, started));
        // A daemon that runs every slot, half an interval late at worst, is never said to be late.
        let next = next_after(&interval, &pair, started, started, Mode::Watch).unwrap();
        prop_assert!(next + millis(length / 2) <= expected_until(&interval, timeout, &pair, started));
    }
}
