//! For any plan, any bounds and any connector: the bounds hold and the record is complete.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use tecrax::admission::Bounds;
use tecrax::api::{ErrorClass, Retry, RetryClass};
use tecrax::connect::Output;
use tecrax::run::Run;
use tokio::time::Instant;

use crate::support::cases::cases;
use crate::support::script::{Act, Door, Question, Said, Script, plan, runs, step, target};

const ROLES: [&str; 4] = ["os", "zabbix", "portainer", "absent"];
/// Of the roles, those that the Target declares.
const DECLARED: usize = 3;
const NAMES: [&str; 3] = ["one", "two", "three"];

fn class() -> impl Strategy<Value = ErrorClass> {
    prop::sample::select(vec![
        ErrorClass::Timeout,
        ErrorClass::Transient,
        ErrorClass::Interrupted,
        ErrorClass::AuthRefused,
        ErrorClass::OutputCut,
        ErrorClass::HttpStatus,
        ErrorClass::CommandFailed,
        ErrorClass::Internal,
    ])
}

fn act() -> impl Strategy<Value = Act> {
    let size = prop_oneof![0_usize..200, 0_usize..20_000];
    let said = prop_oneof![
        4 => (size.clone(), 0_usize..200).prop_map(|(out, err)| Said::Answer(out, err)),
        4 => (class(), any::<bool>(), prop::option::of(size.clone())).prop_map(|(class, may_pass, part)| Said::Fail(class, may_pass, part)),
        1 => Just(Said::Hang),
        2 => size.prop_map(Said::Drip),
    ];
    (prop_oneof![Just(0_u64), 0_u64..5_000, 0_u64..100_000], said)
        .prop_map(|(after, said)| Act { after: Duration::from_millis(after), said })
}

fn retry() -> impl Strategy<Value = Retry> {
    let on = prop::sample::subsequence(vec![RetryClass::Timeout, RetryClass::Transient], 0..=2);
    (0_u8..=10, prop::option::of(0_u64..8_000), on).prop_map(|(attempts, pause, on)| Retry {
        attempts,
        interval: pause.map(tecrax::api::Duration::from_millis),
        on,
    })
}

/// Steps with a name of their own number, so that Checks with the same number may share a reading.
fn question() -> impl Strategy<Value = Question> {
    let one = (0..ROLES.len(), 1_u64..20_000, 1_u32..10_000);
    (prop::collection::vec(one, 1..7), 1_u64..60_000, retry()).prop_map(|(steps, timeout, retry)| {
        let steps = steps.into_iter().enumerate().map(|(number, (role, timeout, max_output_bytes))| {
            let (role, timeout) = (ROLES[role].to_owned(), Duration::from_millis(timeout));
            crate::support::script::Step { role, timeout, max_output_bytes, ..step(&format!("s{number}")) }
        });
        Question { name: "", steps: steps.collect(), timeout: Duration::from_millis(timeout), retry }
    })
}

fn bounds() -> impl Strategy<Value = Bounds> {
    (0_usize..8, 1_u64..60_000, 1_u32..10_000, 0_u64..40_000, 0_usize..4).prop_map(
        |(max_steps, timeout, max_output_bytes, max_total_bytes, max_connections)| Bounds {
            max_steps,
            timeout: Duration::from_millis(timeout),
            max_output_bytes,
            max_total_bytes,
            max_connections,
            ..Bounds::bundled()
        },
    )
}

fn script() -> impl Strategy<Value = Script> {
    let acts = prop::collection::btree_map(
        (0_usize..7).prop_map(|number| format!("s{number}")),
        prop::collection::vec(act(), 1..5),
        0..7,
    );
    let door = prop::sample::select(vec![Door::Opens, Door::Opens, Door::Opens, Door::Fails, Door::Hangs]);
    let doors = prop::collection::vec(door, DECLARED);
    (acts, doors, any::<bool>()).prop_map(|(acts, doors, silent_end)| {
        let doors: BTreeMap<String, Door> = ROLES.iter().map(|role| (*role).to_owned()).zip(doors).collect();
        Script { acts, doors, silent_end, ..Script::default() }
    })
}

fn kept(output: &Output) -> (usize, usize) {
    (output.stdout.len(), output.stderr.len())
}

/// Everything that must be true of a run, whatever happened.
fn holds(run: &Run, bounds: &Bounds, took: Duration) {
    let steps = run.plan.steps();
    let own = run.plan.state().bounds();
    assert!(own.timeout <= bounds.timeout && own.max_output_bytes <= bounds.max_output_bytes, "nothing was widened");
    assert_eq!(run.readings.len(), steps.len(), "a reading a step");
    let (mut total, mut asked) = (0_u64, 0);
    for (step, reading) in steps.iter().zip(&run.readings) {
        let failure = reading.result.as_ref().err();
        let output = reading.result.as_ref().ok().or(failure.and_then(|failure| failure.partial.as_deref()));
        let (stdout, stderr) = output.map_or((0, 0), kept);
        let bound = step.shape.max_output_bytes.min(own.max_output_bytes) as usize;
        assert!(stdout <= bound && stderr <= bound, "{}: {stdout} and {stderr} of {bound} bytes", step.id);
        total += (stdout + stderr) as u64;
        asked += usize::from(!reading.attempts.is_empty());
        let allowed = usize::from(run.plan.pair().check.retry.attempts) + 1;
        assert!(reading.attempts.len() <= allowed, "{}: {} tries of {allowed}", step.id, reading.attempts.len());
        // The tries tell the story: all but the last failed, and the last is the reading.
        if let Some((last, earlier)) = reading.attempts.split_last() {
            assert!(earlier.iter().all(|attempt| attempt.failure.is_some()));
            assert_eq!(last.failure.as_ref().map(|(class, _)| *class), failure.map(|failure| failure.class), "{}", step.id);
        } else {
            assert!(failure.is_some(), "{}: an answer without a question", step.id);
        }
        if let Some(failure) = failure {
            assert!(!failure.message.is_empty() && failure.next_step.is_some(), "{failure:?}");
        }
    }
    assert!(total <= own.max_total_bytes, "{total} of {} bytes", own.max_total_bytes);
    assert!(asked <= own.max_steps, "{asked} of {} steps", own.max_steps);
    assert!(took <= own.timeout, "{took:?} of {:?}", own.timeout);
    let span = Duration::try_from(run.ended.duration_since(run.started)).unwrap();
    assert!(span <= own.timeout, "{span:?} of {:?}", own.timeout);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1500), ..ProptestConfig::default() })]

    #[test]
    fn bounds_hold_and_the_record_is_complete(script in script(), question in question(), bounds in bounds()) {
        // Time is that of a paused clock: hours pass in no time.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let target = target(&ROLES[..DECLARED]);
            let plan = plan(&target, &Question { name: NAMES[0], ..question }).within(&bounds);
            let own = plan.state().bounds();
            let began = Instant::now();
            let runs = runs(&script, &target, vec![plan]).await;
            // Saying goodbye comes after the run and has two seconds.
            let took = began.elapsed().saturating_sub(Duration::from_secs(2));
            assert_eq!(runs.len(), 1);
            holds(&runs[0], &bounds, took);
            assert!(script.opened().len() <= own.max_connections);
            assert!(script.dripped() <= own.max_total_bytes, "{} of {} bytes", script.dripped(), own.max_total_bytes);
            let mut opened = script.opened();
            opened.sort();
            opened.dedup();
            assert_eq!(opened.len(), script.opened().len(), "a connection is opened once a round");
            let tries: usize = runs[0].readings.iter().map(|reading| reading.attempts.len()).sum();
            assert!(script.calls().len() <= tries, "{} questions, {tries} tries", script.calls().len());
            for call in script.calls() {
                assert!(call.max_output_bytes <= own.max_output_bytes && call.timeout <= own.timeout);
            }
        });
    }

    #[test]
    fn bounds_hold_for_each_of_several_checks(
        script in script(),
        questions in prop::collection::vec((question(), bounds()), 2..=3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let target = target(&ROLES[..DECLARED]);
            let of = |((question, bounds), name): (&(Question, Bounds), &'static str)| {
                plan(&target, &Question { name, ..question.clone() }).within(bounds)
            };
            let plans: Vec<_> = questions.iter().zip(NAMES).map(of).collect();
            let longest = plans.iter().map(|plan| plan.state().bounds().timeout).max().unwrap();
            let began = Instant::now();
            let runs = runs(&script, &target, plans).await;
            assert!(began.elapsed() <= longest + Duration::from_secs(2));
            assert_eq!(runs.len(), questions.len());
            for run in &runs {
                let place = NAMES.iter().position(|name| *name == run.plan.pair().id.check.as_str()).unwrap();
                holds(run, &questions[place].1, Duration::ZERO);
            }
        });
    }
}
