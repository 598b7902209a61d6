//! Runs that somebody asks for.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tecrax::api::{PairId, reason};
use tecrax::engine::{Event, reconcile};
use tecrax::plan::Mode;
use tecrax::store::Db;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::block_in_place;
use tokio::time::{sleep, timeout};

use super::turning::Turning;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;

fn rig(hosts: &[&str]) -> Rig {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    for name in hosts {
        rig.write(&format!("{name}.yaml"), &host(name, Some(50)));
    }
    rig
}

/// The Check, with a value of its annotation.
fn asking(value: &str) -> String {
    INVENTORY.replace("name: inventory}", &format!("name: inventory, annotations: {{tecrax.io/requestedAt: {value:?}}}}}"))
}

/// As `tecrax run` asks: from a process of its own.
fn ask(rig: &Rig, names: &[&str]) {
    let pairs: Vec<PairId> = names.iter().map(|name| PairId::parse(&format!("default/inventory.{name}")).unwrap()).collect();
    let mut db = Db::open(&rig.state(), "x").unwrap();
    db.ask_for_runs(&pairs, rig.at).unwrap();
    db.close();
}

fn open(rig: &Rig) -> usize {
    Db::open_read_only(&rig.state()).unwrap().requests().unwrap().len()
}

fn has_run(rig: &Rig, name: &str) -> bool {
    let pair = PairId::parse(&format!("default/inventory.{name}")).unwrap();
    Db::open_read_only(&rig.state()).unwrap().state(&pair).unwrap().is_some_and(|state| state.runs > 0)
}

fn runs(rig: &Rig, name: &str) -> u64 {
    rig.pair(&format!("inventory.{name}")).runs
}

#[tokio::test]
async fn a_daemon_runs_what_is_asked_for_once_and_the_slots_stay_where_they_were() {
    let mut rig = rig(&["web", "db"]);
    let mut daemon = Turning::start(&rig, "daemon");
    daemon.turn().await;
    rig.pass(1);
    ask(&rig, &["web"]);
    assert_eq!(daemon.ran().await, "inventory.web");
    daemon.turn().await;
    assert_eq!((runs(&rig, "web"), runs(&rig, "db"), open(&rig)), (2, 1, 0));
    // The next slot is one of those that the pair always has.
    let slot = |rig: &Rig| {
        let last = rig.pair("inventory.web").last.unwrap().started;
        let pair = PairId::parse("default/inventory.web").unwrap();
        let five = tecrax::desired::Cadence::Interval(tecrax::api::Duration::from_secs(300));
        tecrax::plan::next_after(&five, &pair, last, last, Mode::Watch).unwrap()
    };
    let (before, millis) = (slot(&rig), |at: Timestamp| at.as_millisecond().rem_euclid(300_000));
    rig.pass(86_400);
    daemon.turn().await;
    assert_eq!(millis(slot(&rig)), millis(before));
    daemon.end().await;
    log::verify(&rig.state());
}

#[tokio::test]
async fn asking_again_while_a_run_goes_on_is_another_run() {
    let rig = rig(&["web"]);
    rig.once().await;
    ask(&rig, &["web"]);
    let pair = PairId::parse("default/inventory.web").unwrap();
    let (at, span) = (rig.at, SignedDuration::from_mins(1));
    let claim = rig.engine.store().claim("x".to_owned(), move || at, vec![(pair, span)]).await.unwrap().remove(0);
    ask(&rig, &["web"]);
    let first = claim.request.unwrap();
    let now = Db::open_read_only(&rig.state()).unwrap().requests().unwrap();
    assert!(now.values().all(|asked| asked.as_millisecond() > first), "the answer to the first is none to the second");
}

#[tokio::test]
async fn once_answers_what_is_asked_for_and_nothing_else_that_is_fresh() {
    let mut rig = rig(&["web", "db"]);
    rig.once().await;
    ask(&rig, &["db"]);
    rig.pass(1);
    let report = rig.once().await;
    assert_eq!((report.tally.ran, report.tally.fresh), (1, 1));
    assert_eq!((runs(&rig, "web"), runs(&rig, "db"), open(&rig)), (1, 2, 0));
    assert_eq!(rig.once().await.tally.ran, 0, "it was answered");
}

#[tokio::test]
async fn a_new_value_of_the_annotation_runs_every_pair_once_whoever_reads_it() {
    let mut rig = rig(&["web", "db"]);
    rig.once().await;
    rig.write("check.yaml", &asking("2026-03-01T12:00:00Z"));
    rig.pass(1);
    assert_eq!(rig.once().await.tally.ran, 2);
    // The same value asks for nothing: not the same process, not the next one, not another one, and not when it comes back.
    assert_eq!(rig.once().await.tally.ran, 0);
    let other = rig.other("other");
    assert_eq!(reconcile(&other, &rig.manifests(), Mode::Once).await.unwrap().tally.ran, 0);
    rig.write("check.yaml", INVENTORY);
    assert_eq!(rig.once().await.tally.ran, 0, "taking the annotation away asks for nothing");
    rig.write("check.yaml", &asking("2026-03-01T12:00:00Z"));
    assert_eq!(rig.once().await.tally.ran, 0);
    // A new one does, and the spec is the old one: the annotation is no edit.
    let spec = rig.pair("inventory.web").last.unwrap().spec_digest;
    rig.write("check.yaml", &asking("again"));
    rig.pass(1);
    assert_eq!(rig.once().await.tally.ran, 2);
    assert_eq!(rig.pair("inventory.web").last.unwrap().spec_digest, spec);
    log::verify(&rig.state());
}

/// Waits until the pair on `web` has run so often.
async fn until(rig: &Rig, wanted: u64) {
    let began = Instant::now();
    while runs(rig, "web") < wanted {
        assert!(began.elapsed() < Duration::from_secs(20), "{} runs, not {wanted}", runs(rig, "web"));
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_an_old_annotation_asks_for_is_not_asked_again_after_the_new_one() {
    let rig = rig(&["web", "db"]);
    let (buried, mut burying) = unbounded_channel();
    let (go_on, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let mut daemon = Turning::of(&rig, |listener| {
        rig.listening(
            "daemon",
            Arc::new(move |event| {
                if let Event::Removed(_) = event {
                    // Whoever has buried a pair stands still here until the test lets it go on.
                    let _ = buried.send(());
                    let _ = block_in_place(|| gate.lock().unwrap().recv());
                }
                listener(event);
            }),
        )
    });
    daemon.turn_until(2).await;
    // Another process works on the pair that goes: it is buried later, beside whatever happens then.
    let db = PairId::parse("default/inventory.db").unwrap();
    let mut other = Db::open(&rig.state(), "other").unwrap();
    let claim = other.claim("other", || rig.at, &[(db.clone(), SignedDuration::from_mins(1))]).unwrap();
    rig.remove("db.yaml");
    rig.write("check.yaml", &asking("old"));
    daemon.read().await;
    until(&rig, 2).await;
    other.release(&[(db, claim[0].fence)]).unwrap();
    other.close();
    burying.recv().await.unwrap();
    rig.write("check.yaml", &asking("new"));
    // The new manifests are in force, and what follows from them is recorded, or waits for what stands still.
    let _ = timeout(Duration::from_secs(3), daemon.read()).await;
    go_on.send(()).unwrap();
    until(&rig, 3).await;
    daemon.end().await;
    assert_eq!(rig.once().await.tally.ran, 0, "it was asked for once and has run");
    assert_eq!(runs(&rig, "web"), 3);
    log::verify(&rig.state());
}

#[tokio::test]
async fn two_daemons_that_read_one_annotation_run_each_pair_once() {
    let mut rig = rig(&["web", "db", "mail"]);
    let (mut one, mut two) = (Turning::start(&rig, "one"), Turning::start(&rig, "two"));
    while ["web", "db", "mail"].iter().any(|name| !has_run(&rig, name)) {
        tokio::select! {
            () = one.stir() => {}
            () = two.stir() => {}
        }
    }
    rig.pass(1);
    rig.write("check.yaml", &asking("now"));
    one.engine.rescan();
    two.engine.rescan();
    while ["web", "db", "mail"].iter().any(|name| runs(&rig, name) < 2) {
        tokio::select! {
            () = one.stir() => {}
            () = two.stir() => {}
        }
    }
    one.end().await;
    two.end().await;
    for name in ["web", "db", "mail"] {
        assert_eq!(runs(&rig, name), 2, "{name}");
    }
    log::verify(&rig.state());
}

#[tokio::test]
async fn what_is_suspended_or_denied_does_not_run_and_keeps_nobody_waiting() {
    let mut rig = rig(&["web", "db"]);
    rig.once().await;
    rig.write("web.yaml", &host("web", Some(50)).replace("  type: Host", "  type: Host\n  suspend: true"));
    rig.write("check.yaml", &asking("now"));
    rig.pass(1);
    assert_eq!(rig.once().await.tally.ran, 1, "the one that is not suspended");
    assert_eq!(open(&rig), 0);
    rig.write(
        "policy.yaml",
        "apiVersion: tecrax.io/v1alpha1\nkind: Policy\nmetadata: {name: closed}\nspec:\n  rules:\n  - {name: none, effect: Deny, reasonCode: closed}\n",
    );
    ask(&rig, &["db"]);
    let report = rig.once().await;
    assert_eq!(report.tally.ran, 0);
    assert_eq!(crate::support::engine::view(&report, "inventory.db").ready, Err(reason::DENIED));
    assert_eq!(open(&rig), 0, "nobody waits for what can not be");
}

#[tokio::test]
async fn requests_for_what_nobody_wants_any_more_are_forgotten() {
    let rig = rig(&["web", "db"]);
    rig.once().await;
    ask(&rig, &["db"]);
    rig.remove("db.yaml");
    rig.once().await;
    assert_eq!(open(&rig), 0);
}
