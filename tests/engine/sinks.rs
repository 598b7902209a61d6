//! Several processes, one Sink: who waits for a turn may find that another has told it.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver as Inbox, channel};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use tecrax::engine::{Event, reconcile};
use tecrax::plan::Mode;
use tecrax::status::{Delivery, Ledger, SinkHealth, WantedSink};
use tecrax::store::{Db, Told};

use crate::support::engine::{Rig, on};
use crate::support::hosts::{INVENTORY, host};
use crate::support::receiver::{Answer, Receiver};

/// Requests to Sinks that one process has under way at once.
const AT_ONCE: usize = 4;

/// A server that takes connections and says nothing; each is handed over after its first byte.
fn silent() -> (u16, Inbox<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (hand_over, inbox) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let read = stream.read(&mut [0]);
            if read.is_err() || hand_over.send(stream).is_err() {
                return;
            }
        }
    });
    (port, inbox)
}

fn sink(name: &str, url: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: {name}}}\nspec: {{webhook: {{url: \"{url}\"}}}}\n"
    )
}

#[tokio::test]
async fn a_sink_that_another_process_told_while_this_one_waited_for_a_turn_is_told_once() {
    let mut rig = Rig::new();
    let (port, inbox) = silent();
    let last = Receiver::start(&[]);
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    for name in ["a", "b", "c", "d"] {
        rig.write(&format!("{name}.yaml"), &sink(name, &format!("http://127.0.0.1:{port}/")));
    }
    rig.write("z.yaml", &sink("z", &last.url()));
    let elsewhere = rig.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("z.yaml"), sink("z", &last.url())).unwrap();

    let (engine, paths) = (Arc::clone(&rig.engine), rig.manifests());
    let first = tokio::spawn(async move { reconcile(&engine, &paths, Mode::Once).await.map(|report| report.deaf.len()) });
    let held = tokio::task::spawn_blocking(move || {
        let streams: Vec<TcpStream> = (0..AT_ONCE).map(|_| inbox.recv().unwrap()).collect();
        (streams, inbox)
    });
    let (streams, _inbox) = held.await.unwrap();
    assert!(last.requests().is_empty(), "it waits for its turn");

    rig.pass(31);
    reconcile(&rig.other("second"), &[elsewhere], Mode::Once).await.unwrap();
    assert_eq!(last.requests().len(), 1);

    drop(streams);
    assert_eq!(first.await.unwrap().unwrap(), AT_ONCE, "the silent ones");
    assert_eq!(last.requests().len(), 1, "told twice");
    rig.once().await;
    assert_eq!(last.requests().len(), 1, "and what the other process wrote down still stands");
}

/// Whether Sinks were last said to fail, in the passes since this was asked last.
fn failing(rig: &Rig) -> Vec<bool> {
    let events = rig.take_events().into_iter();
    events.filter(|event| event.starts_with("SinkStands")).map(|event| event.contains("fails: true")).collect()
}

fn called(rig: &Rig, sink: &str) {
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    rig.write("sink.yaml", sink);
}

#[tokio::test]
async fn a_sink_that_is_suspended_fails_no_more() {
    let mut rig = Rig::new();
    // It fails once, and would accept the next time.
    let dead = Receiver::start(&[Answer::Status(500)]);
    called(&rig, &sink("a", &dead.url()));
    rig.once().await;
    assert_eq!(failing(&rig).last(), Some(&true));
    rig.write("sink.yaml", &sink("a", &dead.url()).replace("spec: {", "spec: {suspend: true, "));
    rig.again().await;
    assert_eq!(failing(&rig).last(), Some(&false));
}

#[tokio::test]
async fn a_sink_for_which_nothing_waits_any_more_fails_no_more() {
    let mut rig = Rig::new();
    // Nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    called(&rig, &sink("a", &format!("http://127.0.0.1:{port}/")));
    rig.once().await;
    assert_eq!(failing(&rig).last(), Some(&true));
    // It is over before anybody could be told, and nobody has to hear of its end.
    rig.write("web.yaml", &host("web", Some(50)));
    rig.again().await;
    rig.take_events();
    rig.again().await;
    assert_eq!(failing(&rig).last(), Some(&false));
}

#[tokio::test]
async fn a_sink_that_another_process_has_told_fails_no_more() {
    let mut rig = Rig::new();
    let receiver = Receiver::start(&[Answer::Status(500)]);
    called(&rig, &sink("a", &receiver.url()));
    rig.once().await;
    assert_eq!(failing(&rig).last(), Some(&true));
    rig.pass(600);
    reconcile(&rig.listening("second", Arc::new(|_| {})), &rig.manifests(), Mode::Once).await.unwrap();
    assert_eq!(receiver.requests().len(), 2);
    assert!(failing(&rig).is_empty(), "it was another process");
    rig.once().await;
    assert_eq!((receiver.requests().len(), failing(&rig).last()), (2, Some(&false)));
}

#[tokio::test]
async fn a_sink_fails_no_more_for_what_it_is_not_to_hear_of_any_more() {
    let mut rig = Rig::new();
    // It fails once, and would accept the next time.
    let dead = Receiver::start(&[Answer::Status(500)]);
    called(&rig, &sink("a", &dead.url()));
    assert_eq!(rig.once().await.deaf.len(), 1);
    assert_eq!(failing(&rig).last(), Some(&true));
    rig.write("sink.yaml", &sink("a", &dead.url()).replace("spec: {", "spec: {minSeverity: Critical, "));
    let report = rig.again().await;
    assert_eq!((report.deaf, failing(&rig).last()), (Vec::new(), Some(&false)));
    assert_eq!(dead.requests().len(), 1, "it was not told");
    // What it may hear of again is told.
    rig.write("sink.yaml", &sink("a", &dead.url()));
    rig.again().await;
    assert_eq!(dead.requests().len(), 2);
}

#[tokio::test]
async fn a_pass_says_nothing_of_a_sink_that_is_suspended_or_for_which_nothing_waits() {
    let mut rig = Rig::new();
    let dead = Receiver::start(&[Answer::Status(500), Answer::Status(500)]);
    called(&rig, &sink("a", &dead.url()));
    assert_eq!(rig.once().await.deaf.len(), 1);
    rig.write("sink.yaml", &sink("a", &dead.url()).replace("spec: {", "spec: {suspend: true, "));
    assert_eq!(rig.again().await.deaf, []);
    rig.write("sink.yaml", &sink("a", &dead.url()));
    assert_eq!(rig.again().await.deaf.len(), 1, "it is told again");
    rig.write("web.yaml", &host("web", Some(50)));
    assert_eq!(rig.again().await.deaf, [], "it is over, and nobody heard of it");
}

/// It is not tried again at once for what comes next, and what found out that it does not accept is over by then.
#[tokio::test]
async fn a_sink_fails_for_what_begins_while_it_is_too_early_to_try_it() {
    let rig = Rig::new();
    // Nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    called(&rig, &sink("a", &format!("http://127.0.0.1:{port}/")));
    assert_eq!(rig.once().await.deaf.len(), 1);
    rig.remove("web.yaml");
    rig.write("db.yaml", &host("db", Some(95)));
    let report = rig.once().await;
    assert_eq!((report.tally.ran, report.deaf.len()), (1, 1), "nobody hears of what has just begun");
    assert_eq!(failing(&rig).last(), Some(&true));
    // It is over as well, and nobody heard of it.
    rig.remove("db.yaml");
    assert_eq!((rig.once().await.deaf, failing(&rig).last()), (Vec::new(), Some(&false)));
}

/// The receiver under which the store knows the only Sink, and what that was told.
fn told(rig: &Rig) -> (String, Ledger) {
    let db = Db::open_read_only(&rig.state()).unwrap();
    let sink: WantedSink = serde_json::from_str(&db.desired("Sink").unwrap()[0].value).unwrap();
    let ledger = db.ledger(&sink.receiver).unwrap();
    (sink.receiver, ledger)
}

/// A process that stands still while it holds a Sink, for longer than it may hold it, writes nothing of what it has read before.
#[tokio::test]
async fn whoever_lost_a_sink_before_it_has_told_anything_leaves_what_another_process_told() {
    let rig = Rig::new();
    let dead = Receiver::start(&[Answer::Status(500)]);
    called(&rig, &sink("a", &dead.url()));
    rig.once().await;
    let (receiver, before) = told(&rig);
    let (key, failed) = before.deliveries.first_key_value().unwrap();
    assert!(failed.delivered.is_none() && failed.error.is_some(), "{failed:?}");
    // The other one has it told and accepted, as soon as the first one holds the Sink.
    let accepted = Delivery { attempts: 0, delivered: Some(rig.at), reached: true, error: None, ..failed.clone() };
    let outcome = Told {
        sink: receiver.clone(),
        health: SinkHealth { delivered: Some(rig.at), ..SinkHealth::default() },
        deliveries: vec![(key.clone(), accepted.clone())],
        forget: Vec::new(),
    };
    let (state, at) = (rig.state(), rig.at);
    let work = Mutex::new(Some((Db::open(&state, "test-origin").unwrap(), outcome)));
    let now = Arc::new(move || {
        let mut work = work.lock().unwrap();
        let Some((db, outcome)) = work.as_mut() else { return at };
        let after = |seconds| at + SignedDuration::from_secs(seconds);
        if db.take_sink(&receiver, "third", at, after(30)).unwrap().is_some() {
            db.leave_sink(&receiver, "third").unwrap();
        } else {
            assert!(db.take_sink(&receiver, "third", after(31), after(61)).unwrap().is_some());
            assert!(db.tell_sink(outcome, "third", after(61)).unwrap());
            *work = None;
        }
        at
    });
    // To the first one it is nothing that the Sink should hear of.
    let elsewhere = rig.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("sink.yaml"), sink("a", &dead.url()).replace("spec: {", "spec: {minSeverity: Critical, "))
        .unwrap();
    reconcile(&rig.at_times("second", now), &[elsewhere], Mode::Once).await.unwrap();
    assert_eq!(told(&rig).1.deliveries.get(key), Some(&accepted));
    assert_eq!(dead.requests().len(), 1);
}

/// A pass of another process, with manifests that have nothing but the Sink. When it has read what stands and before it tells anything,
/// `web` is `used` percent full and a third process does all of its work.
async fn overtaken(rig: &Rig, sink: &str, used: u32) {
    let elsewhere = rig.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("sink.yaml"), sink).unwrap();
    let (state, at, paths) = (rig.state(), rig.at, rig.manifests());
    let work = Mutex::new(Some(move || {
        std::fs::write(paths[0].join("web.yaml"), host("web", Some(used))).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { reconcile(&on(&state, at), &paths, Mode::Once).await.unwrap() });
    }));
    let overtake = move |event: &Event| {
        let work = matches!(event, Event::SinkStands { .. }).then(|| work.lock().unwrap().take()).flatten();
        // A runtime can not be run inside another.
        if let Some(work) = work {
            std::thread::spawn(work).join().unwrap();
        }
    };
    reconcile(&rig.listening("second", Arc::new(overtake)), &[elsewhere], Mode::Once).await.unwrap();
}

#[tokio::test]
async fn whoever_read_that_it_is_open_before_its_end_was_told_does_not_fire_it_again() {
    let mut rig = Rig::new();
    let receiver = Receiver::start(&[]);
    let alerts = format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: a}}\n\
         spec: {{alertmanager: {{urls: [\"http://127.0.0.1:{}\"]}}}}\n",
        receiver.port
    );
    called(&rig, &alerts);
    rig.once().await;
    assert_eq!(receiver.requests().len(), 1);
    // The alert is to be told again by now.
    rig.pass(300);
    overtaken(&rig, &alerts, 50).await;
    let ends: Vec<bool> = receiver
        .requests()
        .iter()
        .map(|request| {
            let alert = &request.json()[0];
            alert["endsAt"].as_str().unwrap() <= rig.at.to_string().as_str()
        })
        .collect();
    assert_eq!(ends, [false, true], "the last word is that it is over");
}

#[tokio::test]
async fn whoever_read_that_there_is_nothing_before_it_was_told_does_not_say_that_it_is_over() {
    let rig = Rig::new();
    let receiver = Receiver::start(&[]);
    let beats = sink("a", &receiver.url()).replace("spec: {", "spec: {heartbeat: 10m, ");
    called(&rig, &beats);
    overtaken(&rig, &beats, 95).await;
    let mut phases: Vec<String> =
        receiver.requests().iter().map(|request| request.json()["phase"].as_str().unwrap().to_owned()).collect();
    phases.dedup();
    assert_eq!(phases, ["firing", "heartbeat"]);
}
