//! Tries: which failures are tried again, how often, how long, and that every try is kept.

use std::time::Duration;

use tecrax::api::{ErrorClass, Retry, RetryClass};
use tokio::time::Instant;

use crate::support::script::{Act, Question, Script, class, plan, reading, run, runs, target};

const SECOND: Duration = Duration::from_secs(1);

fn script(acts: &[Act]) -> Script {
    Script::new([("a", acts.to_vec())])
}

fn question(attempts: u8) -> Question {
    Question::new(&["a"]).retrying(attempts, SECOND)
}

#[tokio::test(start_paused = true)]
async fn a_pass_after_two_retries_says_so() {
    let slow = Act::fail(ErrorClass::Timeout).after(3 * SECOND);
    let script = script(&[slow, Act::fail(ErrorClass::Transient), Act::answer(1)]);
    let began = Instant::now();
    let run = run(&script, &question(5)).await;
    let reading = reading(&run, "a");
    assert!(reading.result.is_ok());
    assert_eq!(began.elapsed(), 5 * SECOND, "three of the first try, and two pauses");
    let kept: Vec<_> = reading.attempts.iter().map(|try_| (try_.failure.clone().map(|(class, _)| class), try_.took)).collect();
    assert_eq!(
        kept,
        [(Some(ErrorClass::Timeout), 3 * SECOND), (Some(ErrorClass::Transient), Duration::ZERO), (None, Duration::ZERO)]
    );
    assert_eq!(reading.attempts[0].failure.as_ref().unwrap().1, "it is Timeout", "the words are kept as well");
    let offset = |place: usize| (reading.attempts[place].at - reading.attempts[0].at).get_seconds();
    assert_eq!((offset(1), offset(2)), (4, 5));
    assert_eq!(reading.at, reading.attempts[0].at);
}

#[tokio::test(start_paused = true)]
async fn attempts_are_extra_tries() {
    for attempts in [0_u8, 1, 3, 10] {
        let script = script(&[Act::fail(ErrorClass::Transient)]);
        let run = run(&script, &question(attempts)).await;
        let kept = &reading(&run, "a").attempts;
        assert_eq!((kept.len(), script.asked().len()), (usize::from(attempts) + 1, usize::from(attempts) + 1));
        assert!(kept.iter().all(|try_| try_.failure.is_some()));
    }
    let script = script(&[Act::fail(ErrorClass::Transient)]);
    run(&script, &Question { timeout: Duration::from_mins(9), ..question(255) }).await;
    assert_eq!(script.asked().len(), 11, "no Check can ask for more than ten");
}

#[tokio::test(start_paused = true)]
async fn only_classes_that_are_named_are_tried_again() {
    let asked = async |on: &[RetryClass], act: Act| {
        let script = script(&[act]);
        let retry = Retry { on: on.to_vec(), ..question(1).retry };
        run(&script, &Question { retry, ..question(1) }).await;
        script.asked().len()
    };
    let (timeout, transient) = (Act::fail(ErrorClass::Timeout), Act::fail(ErrorClass::Transient));
    assert_eq!(asked(&[RetryClass::Timeout], timeout.clone()).await, 2);
    assert_eq!(asked(&[RetryClass::Timeout], transient.clone()).await, 1);
    assert_eq!(asked(&[RetryClass::Transient], transient.clone()).await, 2);
    assert_eq!(asked(&[RetryClass::Transient], timeout.clone()).await, 1);
    assert_eq!(asked(&[], timeout).await, 1);
    let all = [RetryClass::Timeout, RetryClass::Transient];
    for class in [ErrorClass::AuthRefused, ErrorClass::CommandFailed, ErrorClass::OutputCut, ErrorClass::Internal] {
        assert_eq!(asked(&all, Act::fail(class)).await, 1, "{class:?} does not pass by itself");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_another_class_ends_the_tries() {
    let script = script(&[Act::fail(ErrorClass::Timeout), Act::fail(ErrorClass::Transient), Act::fail(ErrorClass::AuthRefused)]);
    let run = run(&script, &question(3)).await;
    assert_eq!((class(&run, "a"), reading(&run, "a").attempts.len()), (Some(ErrorClass::AuthRefused), 3));
}

#[tokio::test(start_paused = true)]
async fn no_try_begins_that_the_run_has_no_time_for() {
    // Two tries of 10 s and a pause of 1 s fit into 30 s, a third does not.
    let script = script(&[Act::fail(ErrorClass::Timeout).after(10 * SECOND)]);
    let began = Instant::now();
    let run = run(&script, &question(5)).await;
    assert_eq!(script.asked().len(), 2);
    assert_eq!(began.elapsed(), 21 * SECOND, "and nobody waits for the end");
    let failure = reading(&run, "a").result.as_ref().unwrap_err();
    assert_eq!(failure.message, "it is Timeout", "the failure is that of the reading, not of the run");
    // Nor a pause that goes beyond it.
    let script = script_of(Act::fail(ErrorClass::Transient));
    let long = Question::new(&["a"]).retrying(5, 30 * SECOND);
    let began = Instant::now();
    crate::support::script::run(&script, &long).await;
    assert_eq!((script.asked().len(), began.elapsed()), (1, Duration::ZERO));
}

fn script_of(act: Act) -> Script {
    script(&[act])
}

#[tokio::test(start_paused = true)]
async fn a_try_that_the_run_cuts_is_kept_with_those_before_it() {
    // The first fails after 2 s, so a second has the time; it hangs until the run ends.
    let script = script(&[Act::fail(ErrorClass::Transient).after(2 * SECOND), Act::hang()]);
    let mut question = question(5);
    question.steps[0].timeout = Duration::from_mins(1);
    let began = Instant::now();
    let run = run(&script, &question).await;
    assert_eq!(began.elapsed(), 30 * SECOND, "retries do not make the run longer");
    let attempts = &reading(&run, "a").attempts;
    let classes: Vec<_> = attempts.iter().map(|try_| try_.failure.as_ref().unwrap().0).collect();
    assert_eq!(classes, [ErrorClass::Transient, ErrorClass::Timeout]);
    assert_eq!(attempts[1].took, 27 * SECOND);
    assert_eq!(class(&run, "a"), Some(ErrorClass::Timeout));
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_not_asked_again_and_costs_no_other_role() {
    let script = Script { doors: [("os".to_owned(), crate::support::script::Door::Fails)].into(), ..Script::default() };
    let mut question = Question::new(&["a", "b", "c"]).retrying(3, SECOND);
    question.steps[2].role = "zabbix".to_owned();
    let run =
        crate::support::script::run_within(&script, &["os", "zabbix"], &question, &tecrax::admission::Bounds::bundled()).await;
    assert_eq!(
        (class(&run, "a"), class(&run, "b"), class(&run, "c")),
        (Some(ErrorClass::Unreachable), Some(ErrorClass::Unreachable), None)
    );
    assert_eq!(script.opened().iter().filter(|role| *role == "os").count(), 1);
    assert_eq!(reading(&run, "a").attempts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_failed_reading_keeps_no_other_from_being_asked() {
    let fail = |class| vec![Act::fail(class)];
    let script = Script::new([("a", fail(ErrorClass::AuthRefused)), ("c", fail(ErrorClass::CommandFailed))]);
    let run = run(&script, &Question::new(&["a", "b", "c", "d"])).await;
    assert_eq!(script.asked(), ["a", "b", "c", "d"]);
    assert_eq!((class(&run, "b"), class(&run, "d")), (None, None));
}

#[tokio::test(start_paused = true)]
async fn tries_are_shared_by_those_who_pause_alike() {
    let target = target(&["os"]);
    let of = |name: &'static str, attempts: u8, pause: Duration| {
        plan(&target, &Question { name, ..Question::new(&["a"]).retrying(attempts, pause) })
    };
    let fails = || script_of(Act::fail(ErrorClass::Transient));
    let script = fails();
    let alike = runs(&script, &target, vec![of("once", 0, SECOND), of("often", 3, SECOND), of("twice", 1, SECOND)]).await;
    assert_eq!(script.asked().len(), 4, "nobody adds tries to those of the most patient");
    let mut kept: Vec<usize> = alike.iter().map(|run| reading(run, "a").attempts.len()).collect();
    kept.sort_unstable();
    assert_eq!(kept, [1, 2, 4], "each has as many as its Check allows");
    // Who waits longer wants to look later, not to hear what somebody else heard sooner.
    let script = fails();
    let different = runs(&script, &target, vec![of("soon", 1, SECOND), of("late", 1, 5 * SECOND)]).await;
    assert_eq!(script.asked().len(), 3);
    for run in &different {
        let attempts = &reading(run, "a").attempts;
        let apart = (attempts[1].at - attempts[0].at).get_seconds();
        assert_eq!(apart, if run.plan.pair().id.check.as_str() == "soon" { 1 } else { 5 });
    }
}
