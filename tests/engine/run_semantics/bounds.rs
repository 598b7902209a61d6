//! The bounds of a run, each held by the runner itself, whatever a connector does. The clock is a paused one: it moves when everybody
//! waits.

use std::time::Duration;

use crate::support::script::{Act, Door, Question, Said, Script, class, plan, reading, run, run_within, runs, target};
use tecrax::admission::Bounds;
use tecrax::api::ErrorClass;
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

fn bounds() -> Bounds {
    Bounds::bundled()
}

#[tokio::test(start_paused = true)]
async fn are_told_to_the_connector() {
    let mut question = Question::new(&["a"]);
    question.steps[0].max_output_bytes = 4096;
    let script = Script::default();
    run_within(&script, &["os"], &question, &Bounds { max_output_bytes: 1000, ..bounds() }).await;
    assert_eq!(script.calls()[0].max_output_bytes, 1000, "the policy allows less than the shape");
    let script = Script::default();
    run_within(&script, &["os"], &question, &Bounds { max_output_bytes: 9000, timeout: SECOND, ..bounds() }).await;
    assert_eq!((script.calls()[0].max_output_bytes, script.calls()[0].timeout), (4096, SECOND), "the shape asks for less");
}

#[tokio::test(start_paused = true)]
async fn a_stream_beyond_its_bytes_is_not_kept() {
    for said in [Said::Answer(1001, 0), Said::Answer(0, 1001)] {
        let script = Script::new([("a", vec![Act { after: Duration::ZERO, said }])]);
        let question = Question::new(&["a", "b"]);
        let run = run_within(&script, &["os"], &question, &Bounds { max_output_bytes: 1000, ..bounds() }).await;
        assert_eq!((class(&run, "a"), class(&run, "b")), (Some(ErrorClass::OutputCut), None));
    }
    let script = Script::new([("a", vec![Act { after: Duration::ZERO, said: Said::Answer(1000, 1000) }])]);
    let run = run_within(&script, &["os"], &Question::new(&["a"]), &Bounds { max_output_bytes: 1000, ..bounds() }).await;
    assert_eq!(class(&run, "a"), None, "what just fits is kept");
}

#[tokio::test(start_paused = true)]
async fn all_readings_together_have_their_bytes() {
    let script = Script::new([("a", vec![Act::answer(600)]), ("b", vec![Act::answer(600)]), ("c", vec![Act::answer(300)])]);
    let question = Question::new(&["a", "b", "c"]);
    let run = run_within(&script, &["os"], &question, &Bounds { max_total_bytes: 1000, ..bounds() }).await;
    assert_eq!(class(&run, "a"), None);
    assert_eq!(class(&run, "b"), Some(ErrorClass::BoundReached), "600 of the 400 that are left");
    let failure = reading(&run, "b").result.as_ref().unwrap_err();
    assert!(failure.message.contains("1000 bytes together"), "{failure}");
    assert!(failure.partial.is_none() && failure.next_step.as_deref().unwrap().contains("policy"), "{failure:?}");
    assert_eq!(class(&run, "c"), Some(ErrorClass::BoundReached), "what was read and not kept is spent");
    assert_eq!(script.asked(), ["a", "b"], "who has no room is not asked");
    assert_eq!(script.calls()[1].max_output_bytes, 400, "nobody is asked for more than there is room for");
    assert!(reading(&run, "c").attempts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn bytes_that_readings_do_not_use_are_there_for_the_next() {
    // Each may have 400 bytes and uses a tenth of it.
    let mut question = Question::new(&["a", "b", "c", "d", "e"]);
    question.steps.iter_mut().for_each(|step| step.max_output_bytes = 200);
    let script = Script::new(["a", "b", "c", "d", "e"].map(|step| (step, vec![Act::answer(40).after(SECOND)])));
    let began = Instant::now();
    let run = run_within(&script, &["os"], &question, &Bounds { max_total_bytes: 900, ..bounds() }).await;
    assert!(run.readings.iter().all(|reading| reading.result.is_ok()), "{run:?}");
    assert_eq!(began.elapsed(), 3 * SECOND, "two at a time");
    let wide = Script::new(["a", "b", "c", "d", "e"].map(|step| (step, vec![Act::answer(40).after(SECOND)])));
    let began = Instant::now();
    run_within(&wide, &["os"], &question, &bounds()).await;
    assert_eq!(began.elapsed(), SECOND, "with room for all, all at once");
}

#[tokio::test(start_paused = true)]
async fn bytes_of_failed_tries_count() {
    let fail = Act { after: Duration::ZERO, said: Said::Fail(ErrorClass::Transient, true, Some(600)) };
    let script = Script::new([("a", vec![fail, Act::answer(600)])]);
    let question = Question::new(&["a"]).retrying(1, SECOND);
    let run = run_within(&script, &["os"], &question, &Bounds { max_total_bytes: 1000, ..bounds() }).await;
    assert_eq!(class(&run, "a"), Some(ErrorClass::BoundReached));
    assert_eq!(reading(&run, "a").attempts.len(), 2);
}

/// A target that drips sends something in each try, and no try has a part of an answer to show for it.
#[tokio::test(start_paused = true)]
async fn bytes_of_tries_that_time_out_count() {
    let script = Script::new([("a", vec![Act::drip(600)])]);
    let question = Question { timeout: Duration::from_mins(5), ..Question::new(&["a"]) }.retrying(10, SECOND);
    let own = Bounds { max_total_bytes: 1000, timeout: Duration::from_mins(5), ..bounds() };
    let run = run_within(&script, &["os"], &question, &own).await;
    assert_eq!(script.dripped(), 1000, "no byte more, in however many tries");
    let asked: Vec<u32> = script.calls().iter().map(|call| call.max_output_bytes).collect();
    assert_eq!(asked, [1000, 400], "and nobody is asked when nothing is left");
    assert_eq!((class(&run, "a"), reading(&run, "a").attempts.len()), (Some(ErrorClass::Timeout), 2));
    let silent = Script::new([("a", vec![Act::drip(0)])]);
    run_within(&silent, &["os"], &question, &own).await;
    assert_eq!(silent.asked().len(), 11, "who sends nothing spends nothing");
}

#[tokio::test(start_paused = true)]
async fn no_step_beyond_the_count_is_asked() {
    let script = Script::default();
    let run = run_within(&script, &["os"], &Question::new(&["a", "b", "c"]), &Bounds { max_steps: 2, ..bounds() }).await;
    assert_eq!(script.asked(), ["a", "b"]);
    assert_eq!((class(&run, "b"), class(&run, "c")), (None, Some(ErrorClass::BoundReached)));
    assert_eq!(run.readings.len(), 3, "every step has a reading");
}

#[tokio::test(start_paused = true)]
async fn no_connection_beyond_the_count_is_opened() {
    let mut question = Question::new(&["a", "b", "c", "d"]);
    for (step, role) in question.steps.iter_mut().zip(["os", "absent", "zabbix", "os"]) {
        step.role = role.to_owned();
    }
    let script = Script::default();
    let run = run_within(&script, &["os", "zabbix"], &question, &Bounds { max_connections: 1, ..bounds() }).await;
    assert_eq!((script.opened(), script.closed()), (vec!["os".to_owned()], vec!["os".to_owned()]));
    assert_eq!((class(&run, "a"), class(&run, "d")), (None, None));
    assert_eq!(class(&run, "b"), Some(ErrorClass::NotDeclared), "what is not declared opens nothing and counts for nothing");
    assert_eq!(class(&run, "c"), Some(ErrorClass::BoundReached));
    let both = Script::default();
    run_within(&both, &["os", "zabbix"], &question, &Bounds { max_connections: 2, ..bounds() }).await;
    assert_eq!(both.opened().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_whole_run_ends_in_time() {
    let script = Script::new([("hangs", vec![Act::hang()]), ("slow", vec![Act::answer(1).after(29 * SECOND)])]);
    let mut question = Question::new(&["fast", "hangs", "slow"]);
    question.steps.iter_mut().for_each(|step| step.timeout = Duration::from_mins(1));
    let began = Instant::now();
    let run = run(&script, &question).await;
    assert_eq!(began.elapsed(), Duration::from_secs(30));
    assert_eq!((class(&run, "fast"), class(&run, "slow")), (None, None));
    assert_eq!(class(&run, "hangs"), Some(ErrorClass::Timeout));
    assert_eq!(reading(&run, "hangs").attempts.len(), 1, "what was cut is kept as a try");
    assert_eq!(script.dropped(), ["hangs"], "and its question is dropped");
}

#[tokio::test(start_paused = true)]
async fn a_step_that_ignores_its_time_is_cut_off() {
    let script = Script::new([("a", vec![Act::hang()])]);
    let mut question = Question::new(&["a"]);
    question.steps[0].timeout = 2 * SECOND;
    let began = Instant::now();
    let run = run(&script, &question).await;
    assert_eq!(class(&run, "a"), Some(ErrorClass::Timeout));
    assert_eq!(began.elapsed(), 3 * SECOND, "its own time and a second");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_never_opens_costs_the_time_of_the_run() {
    let script = Script { doors: [("os".to_owned(), Door::Hangs)].into(), ..Script::default() };
    let began = Instant::now();
    let run = run(&script, &Question::new(&["a", "b"]).retrying(3, SECOND)).await;
    assert_eq!(began.elapsed(), Duration::from_secs(30));
    assert_eq!((class(&run, "a"), class(&run, "b")), (Some(ErrorClass::Timeout), Some(ErrorClass::Timeout)));
    assert!(script.asked().is_empty());
    assert_eq!(script.opened(), ["os"], "the second step does not knock again when both come to their end");
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_not_waited_for_when_it_does_not_say_goodbye() {
    let script = Script { silent_end: true, ..Script::default() };
    let began = Instant::now();
    run(&script, &Question::new(&["a"])).await;
    assert_eq!(began.elapsed(), 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn of_one_check_are_not_those_of_another() {
    let acts = || Script::new([("a", vec![Act::answer(5000)])]);
    let target = target(&["os"]);
    let question = Question::new(&["a"]);
    let (wide, narrow) = (
        plan(&target, &Question { name: "wide", ..question.clone() }),
        plan(&target, &Question { name: "narrow", ..question.clone() }).within(&Bounds { max_output_bytes: 1024, ..bounds() }),
    );
    let script = acts();
    let runs_of = runs(&script, &target, vec![narrow, wide]).await;
    let of = |name: &str| runs_of.iter().find(|run| run.plan.pair().id.check.as_str() == name).unwrap();
    assert_eq!(class(of("narrow"), "a"), Some(ErrorClass::OutputCut), "1 KiB is all it may have");
    assert_eq!(class(of("wide"), "a"), None);
    let mut bounds_asked: Vec<u32> = script.calls().iter().map(|call| call.max_output_bytes).collect();
    bounds_asked.sort_unstable();
    assert_eq!(bounds_asked, [1024, 65_536], "a reading is shared by equal bounds only");
}

#[tokio::test(start_paused = true)]
async fn a_shared_reading_counts_for_each_run_that_uses_it() {
    let target = target(&["os"]);
    let question = Question::new(&["a", "b"]);
    let few = Bounds { max_total_bytes: 1000, ..bounds() };
    let plans = ["one", "two"].map(|name| plan(&target, &Question { name, ..question.clone() }).within(&few));
    let script = Script::new([("a", vec![Act::answer(600)]), ("b", vec![Act::answer(600)])]);
    let runs = runs(&script, &target, plans.into()).await;
    assert_eq!(script.asked(), ["a", "b"], "it is one reading");
    for run in &runs {
        assert_eq!((class(run, "a"), class(run, "b")), (None, Some(ErrorClass::BoundReached)), "{:?}", run.plan.pair().id);
    }
}

#[tokio::test(start_paused = true)]
async fn time_of_one_check_is_not_that_of_another() {
    let target = target(&["os"]);
    let mut question = Question::new(&["a"]);
    question.steps[0].timeout = 8 * SECOND;
    let short = Question { name: "short", timeout: 3 * SECOND, ..question.clone() };
    let script = Script::new([("a", vec![Act::answer(1).after(5 * SECOND)])]);
    let runs = runs(&script, &target, vec![plan(&target, &short), plan(&target, &question)]).await;
    assert_eq!((runs[0].plan.pair().id.check.as_str(), class(&runs[0], "a")), ("short", Some(ErrorClass::Timeout)));
    assert_eq!(class(&runs[1], "a"), None, "whoever has the time gets the answer");
}
