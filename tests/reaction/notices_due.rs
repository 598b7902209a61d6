//! What a Sink is told, and when: the decision alone, without any Sink.
#![allow(clippy::cloned_ref_to_slice_refs, reason = "notices read as lists")]

use crate::support::notices::{after, alertmanager, notice, start, webhook};
use tecrax::api::{Criticality, Duration, ErrorClass, LabelSelector, Labels};
use tecrax::desired::sink::DesiredSink;
use tecrax::notify::{
    Due, Fault, HEARTBEAT, Held, MAX_BACK_OFF, Notice, back_off, due, health, held_up, next_due, obsolete, settled, spared,
};
use tecrax::status::{Delivery, Ledger, Phase};

use jiff::Timestamp;

fn names(due: &[Due]) -> Vec<(String, Phase)> {
    due.iter().map(|due| (due.identity.clone(), due.phase)).collect()
}

/// Everything that is due is sent; the Sink answers with `result`.
fn send(
    sink: &DesiredSink,
    notices: &[Notice],
    ledger: &mut Ledger,
    now: Timestamp,
    result: Result<(), &Fault>,
) -> Vec<(String, Phase)> {
    let list = due(sink, notices, ledger, now);
    for due in &list {
        let key = (due.identity.clone(), due.phase);
        let next = settled(sink, due, ledger.deliveries.get(&key), result, now, 0);
        ledger.deliveries.insert(key, next);
        ledger.health = health(&ledger.health, result.map(|()| None), now, 0);
    }
    names(&list)
}

fn refused() -> Fault {
    Fault::new(ErrorClass::Unreachable, "it refuses connections")
}

#[test]
fn an_incident_is_told_once_and_its_end_once() {
    let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    let open = notice("web-07", 1);
    let id = open.identity();
    assert_eq!(send(&sink, &[open.clone()], &mut ledger, start(), Ok(())), [(id.clone(), Phase::Firing)]);
    for hours in 1..100 {
        assert_eq!(send(&sink, &[open.clone()], &mut ledger, after(hours * 3600), Ok(())), []);
    }
    let over = open.over(after(500));
    assert_eq!(send(&sink, &[over.clone()], &mut ledger, after(600), Ok(())), [(id, Phase::Resolved)]);
    assert_eq!(send(&sink, &[over], &mut ledger, after(700), Ok(())), []);
    let again = notice("web-07", 2);
    assert_eq!(send(&sink, &[again.clone()], &mut ledger, after(800), Ok(())), [(again.identity(), Phase::Firing)]);
}

#[test]
fn an_alert_is_repeated_four_times_before_it_would_end_acknowledged_and_suppressed_too() {
    let (sink, mut ledger) = (alertmanager(&["http://127.0.0.1:9093"], 900), Ledger::default());
    let mut open = notice("web-07", 1);
    send(&sink, &[open.clone()], &mut ledger, start(), Ok(()));
    assert_eq!(send(&sink, &[open.clone()], &mut ledger, after(224), Ok(())), []);
    assert_eq!(next_due(&sink, &ledger, after(224)), Some(after(225)));
    for (at, held) in [(225, None), (450, Some(Held::Acknowledged)), (675, Some(Held::Suppressed)), (900, Some(Held::Grouped))] {
        open.held = held;
        assert_eq!(send(&sink, &[open.clone()], &mut ledger, after(at), Ok(())), [(open.identity(), Phase::Firing)], "{at}");
    }
}

#[test]
fn what_is_held_back_is_not_told_until_it_is_not() {
    for held in [Held::Suppressed, Held::Acknowledged, Held::Grouped] {
        for sink in [webhook("http://127.0.0.1/"), alertmanager(&["http://127.0.0.1:9093"], 900)] {
            let mut ledger = Ledger::default();
            let mut open = notice("web-07", 1);
            open.held = Some(held);
            assert_eq!(send(&sink, &[open.clone()], &mut ledger, start(), Ok(())), []);
            // Over before anybody was called: nobody hears of its end.
            assert_eq!(send(&sink, &[open.clone().over(after(1))], &mut ledger, after(2), Ok(())), []);
            open.held = None;
            assert_eq!(send(&sink, &[open.clone()], &mut ledger, after(3), Ok(())), [(open.identity(), Phase::Firing)]);
        }
    }
}

#[test]
fn only_what_the_sink_selects_is_told_and_every_end_of_what_was_told() {
    let mut sink = webhook("http://127.0.0.1/");
    let open = notice("web-07", 1);
    let told = |sink: &DesiredSink, notice: &Notice| !due(sink, &[notice.clone()], &Ledger::default(), start()).is_empty();
    sink.min_severity = Criticality::High;
    assert!(told(&sink, &open));
    sink.min_severity = Criticality::Critical;
    assert!(!told(&sink, &open));
    sink.min_severity = Criticality::Low;
    let site =
        |value: &str| LabelSelector { match_labels: Labels::from([("site".into(), value.into())]), ..LabelSelector::default() };
    sink.selector = site("muc");
    assert!(!told(&sink, &open));
    sink.selector = site("fra");
    assert!(told(&sink, &open));
    let elsewhere = Notice { namespace: tecrax::api::Namespace::parse("other").unwrap(), ..open.clone() };
    assert!(!told(&sink, &elsewhere));
    sink.suspend = true;
    assert!(!told(&sink, &open));

    sink.suspend = false;
    let mut ledger = Ledger::default();
    send(&sink, &[open.clone()], &mut ledger, start(), Ok(()));
    sink.selector = site("muc");
    let id = open.identity();
    assert_eq!(send(&sink, &[open.over(after(5))], &mut ledger, after(6), Ok(())), [(id, Phase::Resolved)]);
}

#[test]
fn a_new_sink_hears_of_what_is_open_now_and_of_nothing_else() {
    let sink = webhook("http://127.0.0.1/");
    let notices = [notice("web-01", 3), notice("web-02", 1).over(after(1))];
    assert_eq!(names(&due(&sink, &notices, &Ledger::default(), after(2))), [(notices[0].identity(), Phase::Firing)]);
}

#[test]
fn what_failed_is_tried_again_in_its_time_and_the_others_wait_for_the_sink() {
    let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    let open = notice("web-07", 1);
    let id = open.identity();
    assert_eq!(send(&sink, &[open.clone()], &mut ledger, start(), Err(&refused())), [(id.clone(), Phase::Firing)]);
    assert_eq!(ledger.get(&id, Phase::Firing).unwrap().error.as_deref(), Some("Unreachable"));
    assert_eq!(ledger.waiting(), 1);
    let both = [open.clone(), notice("web-08", 1)];
    assert_eq!(names(&due(&sink, &both, &ledger, start())), [], "the Sink has just failed");
    assert_eq!(next_due(&sink, &ledger, start()), Some(after(1)));
    // What was never tried goes first.
    assert_eq!(names(&due(&sink, &both, &ledger, after(1))), [(both[1].identity(), Phase::Firing), (id.clone(), Phase::Firing)]);
    // Over before it could be told, and certainly not received: nothing is told at all.
    let over = open.clone().over(after(1));
    assert_eq!(names(&due(&sink, &[over.clone()], &ledger, after(2))), []);
    assert_eq!(obsolete(&sink, &[over.clone()], &ledger, after(2)), [(id.clone(), Phase::Firing)]);
    // It may have been received: its end is told.
    ledger.deliveries.get_mut(&(id.clone(), Phase::Firing)).unwrap().reached = true;
    assert_eq!(names(&due(&sink, &[over], &ledger, after(2))), [(id, Phase::Resolved)]);
}

/// Whoever knows of it, or is not to hear of it any more, waits for nothing: so the Sink does not fail for it.
#[test]
fn what_failed_and_is_held_back_since_is_not_waited_for() {
    type Change = fn(&mut DesiredSink, &mut Notice);
    let changes: [Change; 5] = [
        |_, open| open.held = Some(Held::Acknowledged),
        |_, open| open.held = Some(Held::Suppressed),
        |_, open| open.held = Some(Held::Grouped),
        |sink, _| sink.min_severity = Criticality::Critical,
        |sink, _| sink.selector.match_labels = Labels::from([("site".into(), "muc".into())]),
    ];
    for (case, change) in changes.into_iter().enumerate() {
        for reached in [false, true] {
            let (mut sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
            let mut open = notice("web-07", 1);
            send(&sink, &[open.clone()], &mut ledger, start(), Err(&Fault { reached, ..refused() }));
            assert_eq!((spared(&sink, &[open.clone()], &ledger), ledger.fails()), (Vec::new(), true), "it is to be told");
            let before = (sink.clone(), open.clone());
            change(&mut sink, &mut open);
            ledger.deliveries.extend(spared(&sink, &[open.clone()], &ledger));
            assert_eq!((ledger.waiting(), ledger.fails(), ledger.trouble()), (0, false, None), "{case} {reached}");
            assert_eq!(spared(&sink, &[open.clone()], &ledger), [], "once");
            assert_eq!(names(&due(&sink, &[open.clone()], &ledger, after(60))), []);
            // Its end is told where it may have been heard.
            let ends = if reached { vec![(open.identity(), Phase::Resolved)] } else { Vec::new() };
            assert_eq!(names(&due(&sink, &[open.clone().over(after(50))], &ledger, after(60))), ends, "{case}");
            // And it is told when nothing holds it back any more.
            (sink, open) = before;
            assert_eq!(names(&due(&sink, &[open.clone()], &ledger, after(60))), [(open.identity(), Phase::Firing)], "{case}");
        }
    }
}

/// A Sink that is known not to accept is not tried at once for what comes next. What found out may be over or acknowledged by then.
#[test]
fn a_sink_fails_for_what_it_is_too_early_to_try() {
    let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    let (told, first, next) = (notice("web-06", 1), notice("web-07", 1), notice("web-08", 1));
    send(&sink, &[told.clone()], &mut ledger, start(), Ok(()));
    assert_eq!(held_up(&sink, &[told.clone(), next.clone()], &ledger, after(10)), [], "it is to be told at once");
    send(&sink, &[told.clone(), first.clone()], &mut ledger, after(10), Err(&refused()));
    // One is over, one that was heard is over, and one begins.
    let now = [told.clone().over(after(10)), first.clone().over(after(10)), next.clone()];
    for key in obsolete(&sink, &now, &ledger, after(10)) {
        ledger.deliveries.remove(&key);
    }
    assert_eq!((ledger.waiting(), names(&due(&sink, &now, &ledger, after(10)))), (0, Vec::new()));
    let wait = held_up(&sink, &now, &ledger, after(10));
    let keys: Vec<_> = wait.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys, [(next.identity(), Phase::Firing), (told.identity(), Phase::Resolved)]);
    ledger.deliveries.extend(wait);
    assert_eq!((ledger.waiting(), ledger.fails(), ledger.trouble()), (2, true, Some("Unreachable")));
    assert_eq!(held_up(&sink, &now, &ledger, after(10)), [], "once");
    assert_eq!(next_due(&sink, &ledger, after(10)), Some(after(11)));
    // It was not told, so nobody has to hear that it is over.
    let over = [now[0].clone(), now[1].clone(), next.clone().over(after(10))];
    assert_eq!(obsolete(&sink, &over, &ledger, after(10)), [(next.identity(), Phase::Firing)]);
    // Who knows of it waits for nothing.
    let known = Notice { held: Some(Held::Acknowledged), ..next.clone() };
    let spare: Vec<_> = spared(&sink, &[known.clone()], &ledger).into_iter().map(|(key, _)| key).collect();
    assert_eq!(spare, [(next.identity(), Phase::Firing)]);
    assert_eq!(send(&sink, &now, &mut ledger, after(11), Ok(())).len(), 2);
    assert_eq!((ledger.waiting(), ledger.trouble()), (0, None));
}

/// What is told again so that it stays alive waits like the rest, and what its Sink has heard of it stays known.
#[test]
fn an_alert_that_is_too_early_to_try_keeps_what_was_told() {
    let (sink, mut ledger) = (alertmanager(&["http://127.0.0.1:9093"], 900), Ledger::default());
    let (told, other) = (notice("web-07", 1), notice("web-08", 1));
    send(&sink, &[told.clone()], &mut ledger, start(), Ok(()));
    let before = ledger.get(&told.identity(), Phase::Firing).cloned().unwrap();
    send(&sink, &[told.clone(), other.clone()], &mut ledger, after(224), Err(&refused()));
    assert_eq!(held_up(&sink, &[told.clone()], &ledger, after(224)), [], "it is alive");
    ledger.health = health(&ledger.health, Err(&refused()), after(225), 0);
    let wait = held_up(&sink, &[Notice { severity: Criticality::Low, ..told.clone() }], &ledger, after(226));
    let waits = Delivery { error: Some("Unreachable".to_owned()), ..before };
    assert_eq!(wait, [((told.identity(), Phase::Firing), waits)]);
}

/// What is told again so that it stays alive fails as well, and its Sink may not be about it any more.
#[test]
fn an_alert_that_could_not_be_kept_alive_is_not_waited_for_where_the_sink_has_no_part_in_it() {
    let (mut sink, mut ledger) = (alertmanager(&["http://127.0.0.1:9093"], 900), Ledger::default());
    let mut open = notice("web-07", 1);
    send(&sink, &[open.clone()], &mut ledger, start(), Ok(()));
    send(&sink, &[open.clone()], &mut ledger, after(225), Err(&refused()));
    open.held = Some(Held::Acknowledged);
    assert_eq!((spared(&sink, &[open.clone()], &ledger), ledger.fails()), (Vec::new(), true), "what was told is kept alive");
    sink.selector.match_labels = Labels::from([("site".into(), "muc".into())]);
    ledger.deliveries.extend(spared(&sink, &[open.clone()], &ledger));
    assert!(!ledger.fails());
    assert_eq!(names(&due(&sink, &[open.clone().over(after(500))], &ledger, after(600))), [(open.identity(), Phase::Resolved)]);
}

#[test]
fn one_refused_notice_does_not_hold_up_the_others() {
    let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    let fault = Fault { single: true, ..Fault::new(ErrorClass::HttpStatus, "status 422") };
    send(&sink, &[notice("web-07", 1)], &mut ledger, start(), Err(&fault));
    let both = [notice("web-07", 1), notice("web-08", 1)];
    assert_eq!(names(&due(&sink, &both, &ledger, start())), [(both[1].identity(), Phase::Firing)]);
    assert_eq!(ledger.health.failures, 0);
    assert!(ledger.health.error.is_some(), "and it is visible");
}

#[test]
fn the_end_of_what_nobody_remembers_is_told_then_forgotten() {
    let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    let open = notice("web-07", 1);
    let id = open.identity();
    send(&sink, &[open.clone()], &mut ledger, start(), Ok(()));
    let list = due(&sink, &[], &ledger, after(9));
    assert_eq!(names(&list), [(id.clone(), Phase::Resolved)]);
    assert_eq!(list[0].notice, Some(Notice { told_as: Some(open.severity), ..open.clone().over(after(9)) }));
    send(&sink, &[], &mut ledger, after(9), Ok(()));
    let both = [(id.clone(), Phase::Firing), (id, Phase::Resolved)];
    // Whoever read that it is open before it was over, and comes late, tells nothing.
    assert_eq!(obsolete(&sink, &[], &ledger, after(10)), []);
    assert_eq!(names(&due(&sink, &[open], &ledger, after(10))), []);
    assert_eq!(obsolete(&sink, &[], &ledger, after(9 + 24 * 3600 + 1)), both);
    // Nobody can take it for the one that followed it.
    assert_eq!(obsolete(&sink, &[notice("web-07", 2)], &ledger, after(10)), both);
}

#[test]
fn what_is_over_and_told_is_forgotten_although_its_escalation_is_known() {
    let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    let open = notice("web-07", 1);
    let over = open.clone().over(after(60));
    send(&sink, &[open], &mut ledger, start(), Ok(()));
    send(&sink, &[over.clone()], &mut ledger, after(60), Ok(()));
    assert_eq!(obsolete(&sink, &[over.clone()], &ledger, after(23 * 3600)), []);
    assert_eq!(obsolete(&sink, &[over.clone()], &ledger, after(25 * 3600)).len(), 2);
    ledger.deliveries.clear();
    assert_eq!(names(&due(&sink, &[over], &ledger, after(25 * 3600))), [], "and is not told again");
}

/// A webhook hears once that an incident is open, however long it is: what counts is when its end was told.
#[test]
fn the_end_of_a_long_incident_stays_known_for_a_day() {
    for known in [true, false] {
        let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
        let open = notice("web-07", 1);
        let end = 3 * 24 * 3600;
        let over = [open.clone().over(after(end))];
        let later: &[Notice] = if known { &over } else { &[] };
        send(&sink, &[open.clone()], &mut ledger, start(), Ok(()));
        assert_eq!(send(&sink, later, &mut ledger, after(end), Ok(())), [(open.identity(), Phase::Resolved)]);
        for hours in [0, 1, 23] {
            let now = after(end + hours * 3600 + 1);
            for key in obsolete(&sink, later, &ledger, now) {
                ledger.deliveries.remove(&key);
            }
            assert_eq!(names(&due(&sink, &[open.clone()], &ledger, now)), [], "told anew by whoever comes late, after {hours} h");
            assert_eq!(names(&due(&sink, later, &ledger, now)), []);
        }
        let both = [(open.identity(), Phase::Firing), (open.identity(), Phase::Resolved)];
        assert_eq!(obsolete(&sink, later, &ledger, after(end + 24 * 3600 + 1)), both);
    }
}

/// Nobody was told that it is over, because nobody has tried to.
#[test]
fn the_end_of_an_incident_that_was_open_for_longer_than_a_week_is_told_although_nobody_remembers_it() {
    let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    let open = notice("web-07", 1);
    send(&sink, &[open.clone()], &mut ledger, start(), Ok(()));
    let day = |days: i64| after(days * 24 * 3600);
    assert_eq!(obsolete(&sink, &[], &ledger, day(8)), []);
    assert_eq!(send(&sink, &[], &mut ledger, day(8), Err(&refused())), [(open.identity(), Phase::Resolved)]);
    assert_eq!(obsolete(&sink, &[], &ledger, day(14)), [], "it is tried still");
    assert_eq!(obsolete(&sink, &[], &ledger, day(16)).len(), 2);
}

/// Alertmanager knows alerts by their labels, which all incidents of a matter share.
#[test]
fn the_end_of_an_incident_does_not_end_the_alert_of_the_next() {
    let (sink, mut ledger) = (alertmanager(&["http://127.0.0.1:9093"], 900), Ledger::default());
    let (first, second) = (notice("web-07", 1), Notice { since: after(120), ..notice("web-07", 2) });
    send(&sink, &[first.clone()], &mut ledger, start(), Ok(()));
    assert_eq!(send(&sink, &[first.clone().over(after(60))], &mut ledger, after(60), Err(&refused())).len(), 1);
    // Open again, and not told: the end would be right, and it would be wrong as soon as the new one is told.
    let told = send(&sink, &[second.clone()], &mut ledger, after(400), Ok(()));
    assert_eq!(told, [(second.identity(), Phase::Firing)]);
    assert_eq!(names(&due(&sink, &[second.clone()], &ledger, after(401))), []);
    let gone = obsolete(&sink, &[second.clone()], &ledger, after(401));
    assert_eq!(gone, [(first.identity(), Phase::Firing), (first.identity(), Phase::Resolved)]);
    // A webhook knows incidents by their number and hears of both.
    let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    send(&sink, &[first.clone()], &mut ledger, start(), Ok(()));
    let told = send(&sink, &[second.clone()], &mut ledger, after(400), Ok(()));
    assert_eq!(told, [(first.identity(), Phase::Resolved), (second.identity(), Phase::Firing)]);
}

#[test]
fn a_severity_that_changes_makes_no_second_alert_and_ends_none() {
    let (mut sink, mut ledger) = (alertmanager(&["http://127.0.0.1:9093"], 900), Ledger::default());
    sink.min_severity = Criticality::High;
    let open = notice("web-07", 1);
    let label = |due: &[Due]| due.iter().map(|due| due.notice.as_ref().unwrap().label()).collect::<Vec<_>>();
    send(&sink, &[open.clone()], &mut ledger, start(), Ok(()));
    for (at, severity) in [(300, Criticality::Low), (600, Criticality::Critical)] {
        let now = Notice { severity, ..open.clone() };
        let list = due(&sink, &[now.clone()], &ledger, after(at));
        assert_eq!((label(&list), list[0].notice.as_ref().unwrap().severity), (vec![Criticality::High], severity));
        send(&sink, &[now], &mut ledger, after(at), Ok(()));
    }
    let over = Notice { severity: Criticality::Low, ..open.clone() }.over(after(700));
    assert_eq!(label(&due(&sink, &[over], &ledger, after(700))), [Criticality::High]);
    assert_eq!(label(&due(&sink, &[], &ledger, after(700))), [Criticality::High], "nor when nobody remembers it");
    // The next incident is as loud as it is. Its labels are others, so the end of this one is told.
    let next = Notice { severity: Criticality::Critical, ..notice("web-07", 2) };
    let list = due(&sink, &[next.clone()], &ledger, after(700));
    assert_eq!(names(&list), [(open.identity(), Phase::Resolved), (next.identity(), Phase::Firing)]);
    assert_eq!(label(&list), [Criticality::High, Criticality::Critical]);
}

#[test]
fn the_end_is_told_when_the_next_incident_is_not() {
    let (sink, mut ledger) = (alertmanager(&["http://127.0.0.1:9093"], 900), Ledger::default());
    let first = notice("web-07", 1);
    let second = Notice { since: after(120), held: Some(Held::Suppressed), ..notice("web-07", 2) };
    send(&sink, &[first.clone()], &mut ledger, start(), Ok(()));
    assert_eq!(names(&due(&sink, &[second], &ledger, after(400))), [(first.identity(), Phase::Resolved)]);
}

#[test]
fn deliveries_of_open_matters_stay_and_old_ones_are_given_up() {
    let (sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    let open = notice("web-07", 1);
    send(&sink, &[open.clone()], &mut ledger, start(), Ok(()));
    assert_eq!(obsolete(&sink, &[open.clone()], &ledger, after(90 * 24 * 3600)), []);
    send(&sink, &[], &mut ledger, after(1), Err(&refused()));
    assert_eq!(obsolete(&sink, &[], &ledger, after(6 * 24 * 3600)), []);
    assert_eq!(obsolete(&sink, &[], &ledger, after(8 * 24 * 3600)).len(), 2);
}

#[test]
fn heartbeats_come_in_time_and_last() {
    let (mut sink, mut ledger) = (webhook("http://127.0.0.1/"), Ledger::default());
    sink.heartbeat = Some(Duration::from_secs(60));
    let beat = (HEARTBEAT.to_owned(), Phase::Heartbeat);
    let open = notice("web-07", 1);
    assert_eq!(send(&sink, &[open.clone()], &mut ledger, start(), Ok(())), [(open.identity(), Phase::Firing), beat.clone()]);
    assert_eq!(send(&sink, &[open.clone()], &mut ledger, after(59), Ok(())), []);
    assert_eq!(send(&sink, &[open.clone()], &mut ledger, after(60), Ok(())), [beat.clone()]);
    sink.heartbeat = None;
    assert_eq!(obsolete(&sink, &[open], &ledger, after(61)), [beat]);
}

#[test]
fn a_clock_that_was_stepped_back_silences_nothing_for_long() {
    let (sink, mut ledger) = (alertmanager(&["http://127.0.0.1:9093"], 900), Ledger::default());
    let open = notice("web-07", 1);
    send(&sink, &[open.clone()], &mut ledger, after(10 * 365 * 24 * 3600), Ok(()));
    assert_eq!(send(&sink, &[open.clone()], &mut ledger, start(), Ok(())), [(open.identity(), Phase::Firing)]);
    send(&sink, &[open.clone()], &mut ledger, after(20 * 365 * 24 * 3600), Err(&refused()));
    assert_eq!(send(&sink, &[open.clone()], &mut ledger, start(), Ok(())), [(open.identity(), Phase::Firing)]);
}

#[test]
fn back_off_doubles_within_its_bound_and_its_jitter() {
    assert_eq!((back_off(1, 0), back_off(1, u16::MAX)), (Duration::from_secs(1), Duration::from_secs(2)));
    assert_eq!((back_off(2, 0), back_off(2, u16::MAX)), (Duration::from_secs(2), Duration::from_secs(4)));
    assert_eq!((back_off(8, 0), back_off(8, u16::MAX)), (Duration::from_secs(128), Duration::from_secs(256)));
    for attempts in [9, 10, 63, 64, 65, 1000, u32::MAX] {
        assert_eq!((back_off(attempts, 0), back_off(attempts, u16::MAX)), (Duration::from_secs(150), MAX_BACK_OFF), "{attempts}");
    }
}
