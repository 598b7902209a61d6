//! Whether a pair runs now and when it runs next, as tables of instants.

use std::collections::{BTreeSet, HashMap};

use crate::support::manifests::desired;
use jiff::{SignedDuration, Timestamp};
use tecrax::api::{Assessment, Coverage, Digest, Duration, LastEvidence, PairId, ReactionOutcome, Schedule};
use tecrax::desired::{Cadence, Desired, Pair};
use tecrax::facts;
use tecrax::plan::{Mode, Timing, Why, fresh_until, next_after, next_slot, planning, propose, timing};
use tecrax::profile::Profile;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn id(name: &str) -> PairId {
    PairId::parse(&format!("default/c.{name}")).unwrap()
}

fn every(text: &str) -> Cadence {
    Cadence::Interval(Duration::parse(text).unwrap())
}

fn cron(expression: &str, zone: Option<&str>, deadline: Option<&str>) -> Cadence {
    let schedule = Schedule {
        cron: expression.to_owned(),
        time_zone: zone.map(str::to_owned),
        starting_deadline: deadline.map(|text| Duration::parse(text).unwrap()),
    };
    Cadence::Schedule(schedule.into())
}

fn wanted(text: &str) -> Desired {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the bundled profile");
    let desired = desired(&profile, text);
    assert!(!desired.pairs.is_empty(), "{:?}", desired.problems);
    desired
}

fn manifests(check: &str, target: &str) -> String {
    format!(
        "kind: Target\nmetadata: {{name: web}}\nspec: {{type: Host, {target} connections: [{{name: os, local: {{}}}}]}}\n---\n\
         kind: Check\nmetadata: {{name: c}}\nspec: {{intent: check_ntp_health, targetRef: {{name: web}}{check}}}\n"
    )
}

fn pair(check: &str) -> Pair {
    wanted(&manifests(check, "")).pairs.remove(0)
}

/// A healthy run of this very pair that started at `started`.
fn ran(pair: &Pair, started: Timestamp) -> LastEvidence {
    LastEvidence {
        started,
        plan_digest: propose(pair).digest(),
        spec_digest: pair.spec_digest,
        assessment: Assessment::Healthy,
        coverage: Coverage::Complete,
        reaction: ReactionOutcome::NoOp,
        failures: 0,
        seq: 1,
    }
}

fn of(pair: &Pair, last: &LastEvidence, now: Timestamp, mode: Mode) -> Timing {
    timing(pair, propose(pair).digest(), Some(last), now, mode)
}

#[test]
fn once_forgives_a_tenth_of_the_interval_but_no_more_than_thirty_seconds() {
    let start = at("2026-03-01T12:00:00Z");
    for (interval, due_after_ms) in
        [("1s", 900), ("10s", 9_000), ("1m", 54_000), ("5m", 270_000), ("10m", 570_000), ("24h", 86_370_000)]
    {
        let pair = pair(&format!(", interval: {interval}"));
        let last = ran(&pair, start);
        let due = start + SignedDuration::from_millis(due_after_ms);
        for (now, why) in [
            (due - SignedDuration::from_millis(1), Why::Fresh),
            (due, Why::Due),
            (due + SignedDuration::from_hours(100), Why::Due),
        ] {
            assert_eq!(of(&pair, &last, now, Mode::Once), Timing { why, next: Some(due) }, "{interval} at {now}");
        }
    }
}

#[test]
fn what_decides_in_which_order() {
    let pair = pair("");
    let start = at("2026-03-01T12:00:00Z");
    let digest = propose(&pair).digest();
    let fresh = ran(&pair, start);
    let other = Digest::of(b"another");
    let rerun = LastEvidence { reaction: ReactionOutcome::Rerun, ..fresh.clone() };
    let table = [
        ("nothing known", None, Mode::Once, Why::Missing),
        ("just ran", Some(fresh.clone()), Mode::Once, Why::Fresh),
        ("just ran, daemon", Some(fresh.clone()), Mode::Watch, Why::Fresh),
        ("a person wants it", Some(fresh.clone()), Mode::Force, Why::RerunRequested),
        ("a reaction wants it", Some(rerun.clone()), Mode::Once, Why::RerunRequested),
        ("another spec", Some(LastEvidence { spec_digest: other, ..rerun.clone() }), Mode::Once, Why::SpecChanged),
        ("another plan", Some(LastEvidence { plan_digest: other, ..rerun }), Mode::Once, Why::PlanChanged),
        ("both", Some(LastEvidence { plan_digest: other, spec_digest: other, ..fresh }), Mode::Once, Why::SpecChanged),
    ];
    for (name, last, mode, why) in table {
        let timing = timing(&pair, digest, last.as_ref(), start, mode);
        assert_eq!(timing.why, why, "{name}");
        assert_eq!(why.runs(), timing.next == Some(start), "{name}: {timing:?}");
    }
}

#[test]
fn suspended_beats_everything_and_has_no_next() {
    for text in [manifests(", suspend: true", ""), manifests("", "suspend: true,")] {
        let pair = wanted(&text).pairs.remove(0);
        let now = at("2026-03-01T12:00:00Z");
        for last in [None, Some(ran(&pair, now - SignedDuration::from_hours(9)))] {
            let timing = timing(&pair, propose(&pair).digest(), last.as_ref(), now, Mode::Force);
            assert_eq!(timing, Timing { why: Why::Suspended, next: None });
        }
    }
}

#[test]
fn an_edit_of_check_or_target_is_a_changed_spec_and_not_a_changed_plan() {
    let before = pair("");
    let last = ran(&before, at("2026-03-01T12:00:00Z"));
    for text in [manifests(", interval: 6m", ""), manifests("", "criticality: High,")] {
        let after = wanted(&text).pairs.remove(0);
        assert_eq!(propose(&after).digest(), propose(&before).digest(), "{text}");
        assert_eq!(of(&after, &last, last.started, Mode::Once).why, Why::SpecChanged, "{text}");
    }
}

#[test]
fn removed_pairs_are_those_with_evidence_that_nobody_desires() {
    let desired = wanted(&manifests("", ""));
    let now = at("2026-03-01T12:00:00Z");
    let last = HashMap::from([id("web"), id("gone"), id("also-gone")].map(|id| (id, ran(&desired.pairs[0], now))));
    let planning = planning(&desired, &last, now, Mode::Once);
    assert_eq!(planning.removed, [id("also-gone"), id("gone")]);
    assert_eq!(planning.entries.iter().map(|entry| entry.timing.why).collect::<Vec<_>>(), [Why::Fresh]);
    assert_eq!(planning.due().count(), 0);
    assert!(!Why::Removed.runs());
}

#[test]
fn slots_of_a_thousand_pairs_are_spread_over_the_interval() {
    let cadence = every("5m");
    let from = at("2026-03-01T12:00:00Z");
    let mut minutes = [0_u32; 5];
    let mut slots = BTreeSet::new();
    for number in 0..1000 {
        let slot = next_slot(&cadence, &id(&format!("web-{number}")), from).unwrap();
        assert!(slot >= from && slot < from + SignedDuration::from_mins(5), "{slot}");
        slots.insert(slot);
        minutes[usize::try_from((slot.as_second() - from.as_second()) / 60).unwrap()] += 1;
    }
    assert!(slots.len() > 980, "{} different slots", slots.len());
    assert!(minutes.iter().all(|count| (150..=250).contains(count)), "{minutes:?}");
}

#[test]
fn slots_are_fixed_rate_and_do_not_move_with_the_instant_of_asking() {
    let cadence = every("7m");
    let pair = id("web");
    let first = next_slot(&cadence, &pair, at("2026-03-01T12:00:00Z")).unwrap();
    // A slot is its own next slot; a millisecond later the next one is a whole interval away.
    assert_eq!(next_slot(&cadence, &pair, first), Some(first));
    let second = first + SignedDuration::from_mins(7);
    for millis in [1, 1_000, 60_000, 419_999, 420_000] {
        assert_eq!(next_slot(&cadence, &pair, first + SignedDuration::from_millis(millis)), Some(second), "{millis}");
    }
    // Before the epoch as well.
    let old = at("1969-12-31T23:59:00Z");
    let slot = next_slot(&cadence, &pair, old).unwrap();
    assert_eq!((first.as_millisecond() - slot.as_millisecond()).rem_euclid(420_000), 0);
    assert!(slot >= old && slot < old + SignedDuration::from_mins(7));
}

#[test]
fn a_daemon_keeps_its_rhythm_however_late_each_run_starts() {
    let cadence = every("1m");
    let pair = id("web");
    let mut slot = next_slot(&cadence, &pair, at("2026-03-01T12:00:00Z")).unwrap();
    for late_ms in [0, 3, 900, 12_000, 29_000, 1] {
        let started = slot + SignedDuration::from_millis(late_ms);
        let next = next_after(&cadence, &pair, started, started, Mode::Watch).unwrap();
        assert_eq!(next, slot + SignedDuration::from_mins(1), "{late_ms} ms late");
        slot = next;
    }
}

#[test]
fn after_an_unscheduled_run_the_first_slot_is_at_least_half_an_interval_later() {
    let cadence = every("10m");
    let pair = id("web");
    let slot = next_slot(&cadence, &pair, at("2026-03-01T12:00:00Z")).unwrap();
    let interval = SignedDuration::from_mins(10);
    for (before_slot_s, expected) in [(1, slot + interval), (299, slot + interval), (300, slot), (301, slot), (599, slot)] {
        let started = slot - SignedDuration::from_secs(before_slot_s);
        let next = next_after(&cadence, &pair, started, started, Mode::Watch).unwrap();
        assert_eq!(next, expected, "{before_slot_s} s before the slot");
        assert!(next.as_second() - started.as_second() >= 300);
    }
}

#[test]
fn missed_slots_run_once() {
    let pair = pair(", interval: 1m");
    let started = at("2026-03-01T12:00:00Z");
    let late = at("2026-03-03T15:00:30Z");
    assert_eq!(of(&pair, &ran(&pair, started), late, Mode::Watch).why, Why::Due);
    let again = of(&pair, &ran(&pair, late), late + SignedDuration::from_secs(1), Mode::Watch);
    assert_eq!(again.why, Why::Fresh);
    assert!(again.next.unwrap() > late + SignedDuration::from_secs(29), "{again:?}");
}

#[test]
fn a_clock_that_steps_causes_one_run_and_no_burst() {
    for check in [", interval: 5m", ", schedule: {cron: '*/5 * * * *'}"] {
        let pair = pair(check);
        for (from, to) in [("2026-03-01T12:00:00Z", "2026-02-01T08:00:01Z"), ("2026-03-01T12:00:00Z", "2026-09-01T12:00:01Z")] {
            let (from, to) = (at(from), at(to));
            for mode in [Mode::Once, Mode::Watch] {
                let mut last = ran(&pair, from);
                let mut runs = 0;
                // Half an hour of asking every second.
                for second in 0..1800 {
                    let now = to + SignedDuration::from_secs(second);
                    if of(&pair, &last, now, mode).why.runs() {
                        runs += 1;
                        last = ran(&pair, now);
                    }
                }
                assert!((6..=8).contains(&runs), "{runs} runs in half an hour every 5 min: {check} {mode:?} {from} → {to}");
            }
        }
    }
}

#[test]
fn a_small_step_back_neither_runs_twice_nor_stops_the_rhythm() {
    for check in [", interval: 5m", ", schedule: {cron: '*/5 * * * *'}"] {
        let pair = pair(check);
        let last = ran(&pair, at("2026-03-01T12:00:00.200Z"));
        let now = at("2026-03-01T11:59:58Z");
        for mode in [Mode::Once, Mode::Watch] {
            let timing = of(&pair, &last, now, mode);
            assert_eq!(timing.why, Why::Fresh, "{check} {mode:?}");
            assert!(timing.next.unwrap() <= at("2026-03-01T12:10:00Z"), "{check} {mode:?} {timing:?}");
        }
    }
}

#[test]
fn cron_slots_in_utc_and_in_a_zone() {
    let pair = id("web");
    for (expression, zone, from, slot) in [
        ("30 2 * * *", None, "2026-03-01T00:00:00Z", "2026-03-01T02:30:00Z"),
        ("30 2 * * *", None, "2026-03-01T02:30:00Z", "2026-03-01T02:30:00Z"),
        ("30 2 * * *", None, "2026-03-01T02:30:00.001Z", "2026-03-02T02:30:00Z"),
        ("30 2 * * *", Some("Europe/Berlin"), "2026-03-01T00:00:00Z", "2026-03-01T01:30:00Z"),
        ("30 2 * * *", Some("Europe/Berlin"), "2026-07-01T00:00:00Z", "2026-07-01T00:30:00Z"),
        ("0 0 * * *", Some("Asia/Kolkata"), "2026-03-01T00:00:00Z", "2026-03-01T18:30:00Z"),
        ("0 9 * * MON", Some("America/New_York"), "2026-03-05T00:00:00Z", "2026-03-09T13:00:00Z"),
        ("*/15 * * * *", None, "2026-12-31T23:46:00Z", "2027-01-01T00:00:00Z"),
        // A clock that was never set.
        ("*/15 * * * *", None, "1967-11-27T01:30:00.001Z", "1967-11-27T01:45:00Z"),
        ("0 0 29 2 *", None, "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z"),
    ] {
        let found = next_slot(&cron(expression, zone, None), &pair, at(from));
        assert_eq!(found, Some(at(slot)), "{expression} {zone:?} from {from}");
    }
}

#[test]
fn cron_across_the_change_of_the_clock() {
    let pair = id("web");
    let berlin = Some("Europe/Berlin");
    // 2026-03-29 02:00 → 03:00: 02:30 does not exist, yet the night has its run, once.
    let night = cron("30 2 * * *", berlin, None);
    let spring = slots(&night, &pair, "2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z");
    assert_eq!(spring.len(), 3, "{spring:?}");
    assert!(spring[1] >= at("2026-03-29T01:00:00Z") && spring[1] < at("2026-03-29T02:00:00Z"), "{spring:?}");
    // 2026-10-25 03:00 → 02:00: 02:30 comes twice and runs once.
    let autumn = slots(&night, &pair, "2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z");
    assert_eq!(autumn.len(), 3, "{autumn:?}");
    // Every quarter of an hour stays a quarter of an hour.
    for (from, to) in [("2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z"), ("2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z")] {
        let quarters = slots(&cron("*/15 * * * *", berlin, None), &pair, from, to);
        assert!(quarters.windows(2).all(|two| two[1].as_second() - two[0].as_second() == 900), "{quarters:?}");
    }
}

/// The slots as a daemon meets them that starts every run on time.
fn slots(cadence: &Cadence, pair: &PairId, from: &str, to: &str) -> Vec<Timestamp> {
    let mut found = Vec::new();
    let mut slot = next_slot(cadence, pair, at(from)).unwrap();
    while slot < at(to) {
        found.push(slot);
        let next = next_after(cadence, pair, slot, slot, Mode::Watch).unwrap();
        assert!(next > slot, "{next} after {slot}");
        slot = next;
    }
    found
}

#[test]
fn a_missed_cron_slot_runs_late_unless_its_starting_deadline_has_passed() {
    let started = "2026-03-01T02:30:00.010Z";
    for (deadline, now, next) in [
        (None, "2026-03-02T02:29:59Z", "2026-03-02T02:30:00Z"),
        (None, "2026-03-02T09:00:00Z", "2026-03-02T02:30:00Z"),
        (None, "2026-03-09T09:00:00Z", "2026-03-02T02:30:00Z"),
        (Some("1h"), "2026-03-02T03:30:00Z", "2026-03-02T02:30:00Z"),
        (Some("1h"), "2026-03-02T03:30:01Z", "2026-03-03T02:30:00Z"),
        (Some("1h"), "2026-03-09T02:45:00Z", "2026-03-09T02:30:00Z"),
        (Some("1h"), "2026-03-09T09:00:00Z", "2026-03-10T02:30:00Z"),
    ] {
        for mode in [Mode::Once, Mode::Watch] {
            let found = next_after(&cron("30 2 * * *", None, deadline), &id("web"), at(started), at(now), mode);
            assert_eq!(found, Some(at(next)), "{deadline:?} at {now}");
        }
    }
}

#[test]
fn evidence_is_fresh_for_as_long_as_it_says_or_until_the_second_slot() {
    let started = at("2026-03-01T02:30:00.010Z");
    let pair = id("web");
    let minute = Duration::from_secs(60);
    for (cadence, fresh_for, until) in [
        (every("5m"), Some(Duration::from_secs(660)), "2026-03-01T02:41:00.010Z"),
        (cron("30 2 * * *", None, None), None, "2026-03-03T02:31:00Z"),
        (cron("30 2 * * *", None, None), Some(Duration::from_secs(3600)), "2026-03-01T03:30:00.010Z"),
        (cron("30 2 * * MON-FRI", None, None), None, "2026-03-03T02:31:00Z"),
    ] {
        assert_eq!(fresh_until(&cadence, fresh_for, minute, &pair, started), at(until), "{cadence:?} {fresh_for:?}");
    }
}

#[test]
fn plans_say_how_often_a_target_is_looked_at() {
    let text = manifests(", interval: 10m", "")
        + "---\nkind: Check\nmetadata: {name: d}\nspec: {intent: check_ntp_health, targetRef: {name: web}, schedule: {cron: '0 */6 * * *'}}\n\
           ---\nkind: Check\nmetadata: {name: e}\nspec: {intent: check_ntp_health, targetRef: {name: web}, suspend: true}\n";
    let desired = wanted(&text);
    let now = at("2026-03-01T12:00:00Z");
    let load = planning(&desired, &HashMap::new(), now, Mode::Once).load(now);
    let load = load.values().next().unwrap();
    assert_eq!(load.pairs, 2);
    assert!((load.runs_per_hour - (6.0 + 4.0 / 24.0)).abs() < 1e-9, "{load:?}");
}
