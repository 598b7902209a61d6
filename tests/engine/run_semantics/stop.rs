//! Runs that are told to stop.

use std::sync::Mutex;
use std::time::Duration;

use tecrax::run::{Stop, round};
use tokio::time::{Instant, sleep};

use crate::support::script::{Act, Question, Script, clock, plan, target};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn what_runs_ends_unheard_and_what_has_ended_is_heard() {
    let target = target(&["os"]);
    let of = |name: &'static str, steps: &[&str]| plan(&target, &Question { name, ..Question::new(steps) });
    let script = Script::new([("quick", vec![Act::answer(1)]), ("slow", vec![Act::answer(1).after(9 * SECOND)])]);
    let plans = vec![of("a", &["quick"]), of("b", &["quick", "slow"])];
    let (stop, began, heard) = (Stop::default(), Instant::now(), Mutex::new(Vec::new()));
    let word = async {
        sleep(2 * SECOND).await;
        stop.say();
    };
    let now = clock();
    // What is heard of is being made durable, which takes a while; it is waited for.
    let rounds = round(&target, plans, 2, &script, &now, &stop, async |run| {
        sleep(3 * SECOND).await;
        heard.lock().unwrap().push(run.plan.pair().id.check.to_string());
    });
    let (answers, ()) = tokio::join!(rounds, word);
    assert_eq!((answers.len(), heard.into_inner().unwrap()), (1, vec!["a".to_owned()]));
    assert_eq!(script.dropped(), ["slow"], "its question is dropped, which ends its command");
    assert_eq!(script.closed(), ["os"], "and the session is closed in good order");
    assert_eq!(began.elapsed(), 3 * SECOND, "nobody waits for the run that was stopped");
}

#[tokio::test(start_paused = true)]
async fn after_the_word_nothing_starts() {
    let target = target(&["os"]);
    let script = Script::new([("a", vec![Act::answer(1).after(SECOND)])]);
    let stop = Stop::default();
    stop.clone().say();
    let plans = vec![plan(&target, &Question::new(&["a"]))];
    let answers = round(&target, plans, 2, &script, &clock(), &stop, async |run| run).await;
    assert!(answers.is_empty() && stop.is_said());
    assert_eq!(script.dropped(), script.asked(), "nothing is left behind");
}

#[tokio::test(start_paused = true)]
async fn a_pause_between_tries_ends_too() {
    let target = target(&["os"]);
    let script = Script::new([("a", vec![Act::fail(tecrax::api::ErrorClass::Transient)])]);
    let question = Question { timeout: Duration::from_mins(5), ..Question::new(&["a"]) }.retrying(3, Duration::from_mins(1));
    let (stop, began, now) = (Stop::default(), Instant::now(), clock());
    let plans = vec![plan(&target, &question)];
    let word = async {
        sleep(SECOND).await;
        stop.say();
    };
    let (answers, ()) = tokio::join!(round(&target, plans, 2, &script, &now, &stop, async |run| run), word);
    assert!(answers.is_empty());
    assert_eq!((began.elapsed(), script.asked().len()), (SECOND, 1));
}
