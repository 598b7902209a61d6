//! Pairs that show `Stale` are counted as they are shown, and those that were never observed.

use std::sync::Arc;

use jiff::SignedDuration;
use tecrax::api::{PairId, reason};
use tecrax::engine::{Event, Listener, reconcile, watch};
use tecrax::plan::Mode;
use tokio::sync::{Notify, mpsc};

use crate::scheduling::denials::DENY;
use crate::support::engine::{Rig, view};
use crate::support::hosts::{INVENTORY, host};

/// The numbers of a count that is heard from now on: overdue, and stale on schedule.
async fn counted(heard: &mut mpsc::UnboundedReceiver<(usize, usize)>, wanted: (usize, usize)) {
    let mut last = None;
    for _ in 0..20_000 {
        last = heard.recv().await;
        if last == Some(wanted) {
            return;
        }
    }
    panic!("{last:?}, not {wanted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_nobody_runs_is_overdue_and_one_with_a_short_fresh_for_is_not() {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write(
        "often.yaml",
        &INVENTORY.replace("{name: inventory}", "{name: often}").replace("spec:\n", "spec:\n  freshFor: 10s\n"),
    );
    rig.write(
        "idle.yaml",
        &INVENTORY.replace("{name: inventory}", "{name: idle}").replace("spec:\n", "spec:\n  suspend: true\n"),
    );
    rig.write("web.yaml", &host("web", Some(50)));
    let (told, mut heard) = mpsc::unbounded_channel();
    let listener: Listener = Arc::new(move |event| {
        if let Event::Stale { overdue, on_schedule, .. } = event {
            let _ = told.send((*overdue, *on_schedule));
        }
    });
    let daemon = rig.listening("daemon", listener);
    let (end, paths) = (Arc::new(Notify::new()), rig.manifests());
    let (ends, own) = (Arc::clone(&end), Arc::clone(&daemon));
    let watching = tokio::spawn(async move { watch(&own, &paths, ends.notified()).await.map_err(|error| error.to_string()) });
    let pair = PairId::parse("default/inventory.web").unwrap();
    loop {
        counted(&mut heard, (0, 0)).await;
        let states = daemon.store().states().await.unwrap();
        if states.values().filter(|state| state.runs > 0).count() == 2 {
            break;
        }
    }
    // Somebody else says that it works on one of them, and does not come to an end.
    let (at, span) = (rig.at, SignedDuration::from_mins(60));
    let held = daemon.store().claim("other".to_owned(), move || at, vec![(pair, span)]).await.unwrap();
    assert_eq!(held.len(), 1);
    rig.pass(20);
    counted(&mut heard, (0, 1)).await;
    rig.pass(1_000);
    counted(&mut heard, (1, 0)).await;
    let shown = reconcile(&rig.other("reader"), &rig.manifests(), Mode::Once).await.unwrap();
    let late = view(&shown, "inventory.web");
    assert!(late.overdue && late.ready == Err(reason::STALE), "{late:?}");
    assert!(!view(&shown, "idle.web").overdue);
    rig.pass(3_600);
    counted(&mut heard, (0, 0)).await;
    end.notify_one();
    watching.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_policy_refuses_is_overdue_neither_after_a_start_nor_after_an_edit() {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    assert_eq!(rig.once().await.tally.ran, 1);
    rig.write("policy.yaml", DENY);
    rig.pass(300);
    assert!(view(&rig.once().await, "inventory.web").denied.is_some());
    rig.pass(3_600);
    let (told, mut heard) = mpsc::unbounded_channel();
    let listener: Listener = Arc::new(move |event| {
        let _ = match event {
            Event::Stale { overdue, on_schedule, .. } => told.send(Some((*overdue, *on_schedule))),
            Event::InForce(_) => told.send(None),
            _ => return,
        };
    });
    let daemon = rig.listening("daemon", listener);
    let (end, paths) = (Arc::new(Notify::new()), rig.manifests());
    let (ends, own) = (Arc::clone(&end), Arc::clone(&daemon));
    let watching = tokio::spawn(async move { watch(&own, &paths, ends.notified()).await.map_err(|error| error.to_string()) });
    let mut counts = 0;
    while counts < 3 {
        if let Some(count) = heard.recv().await.unwrap() {
            assert_eq!(count, (0, 0), "after a start");
            counts += 1;
        }
    }
    rig.write("db.yaml", &host("db", Some(50)));
    daemon.rescan();
    while let Some(count) = heard.recv().await.unwrap() {
        assert_eq!(count, (0, 0));
    }
    for _ in 0..3 {
        assert_eq!(heard.recv().await.unwrap(), Some((0, 0)), "after an edit");
    }
    end.notify_one();
    watching.await.unwrap().unwrap();
}

/// How many pairs are overdue and how many have no evidence, at every count.
fn numbers() -> (Listener, mpsc::UnboundedReceiver<(usize, usize)>) {
    let (told, heard) = mpsc::unbounded_channel();
    let listener: Listener = Arc::new(move |event| {
        if let Event::Stale { overdue, without_evidence, .. } = event {
            let _ = told.send((*overdue, *without_evidence));
        }
    });
    (listener, heard)
}

/// Waits for a count: the clock goes on while manifests are read.
async fn soon(heard: &mut mpsc::UnboundedReceiver<(usize, usize)>, wanted: (usize, usize)) {
    let mut last = None;
    for _ in 0..20_000 {
        last = heard.recv().await;
        if last == Some(wanted) {
            return;
        }
    }
    panic!("{last:?}, not {wanted:?}");
}

/// Another process works on the pair, and does not come to an end.
async fn held_elsewhere(rig: &Rig) {
    let (at, pair) = (rig.at, PairId::parse("default/inventory.web").unwrap());
    let claims = vec![(pair, SignedDuration::from_mins(100))];
    let other = rig.other("other");
    assert_eq!(other.store().claim("other".to_owned(), move || at, claims).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_may_run_and_never_ran_is_without_evidence_and_what_may_not_run_is_not() {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write(
        "idle.yaml",
        &INVENTORY.replace("{name: inventory}", "{name: idle}").replace("spec:\n", "spec:\n  suspend: true\n"),
    );
    rig.write("web.yaml", &host("web", Some(50)));
    held_elsewhere(&rig).await;
    let (listener, mut heard) = numbers();
    let daemon = rig.listening("daemon", listener);
    let (end, paths) = (Arc::new(Notify::new()), rig.manifests());
    let (ends, own) = (Arc::clone(&end), Arc::clone(&daemon));
    let watching = tokio::spawn(async move { watch(&own, &paths, ends.notified()).await.map_err(|error| error.to_string()) });
    soon(&mut heard, (0, 1)).await;
    rig.write("policy.yaml", DENY);
    daemon.rescan();
    soon(&mut heard, (0, 0)).await;
    rig.remove("policy.yaml");
    daemon.rescan();
    soon(&mut heard, (0, 1)).await;
    end.notify_one();
    watching.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_policy_refuses_no_more_is_overdue_although_the_log_says_denied_until_it_runs() {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    assert_eq!(rig.once().await.tally.ran, 1);
    rig.write("policy.yaml", DENY);
    rig.pass(300);
    assert!(view(&rig.once().await, "inventory.web").denied.is_some());
    rig.pass(3_600);
    held_elsewhere(&rig).await;
    let (listener, mut heard) = numbers();
    let daemon = rig.listening("daemon", listener);
    let (end, paths) = (Arc::new(Notify::new()), rig.manifests());
    let (ends, own) = (Arc::clone(&end), Arc::clone(&daemon));
    let watching = tokio::spawn(async move { watch(&own, &paths, ends.notified()).await.map_err(|error| error.to_string()) });
    for _ in 0..3 {
        assert_eq!(heard.recv().await, Some((0, 0)), "it is denied");
    }
    rig.remove("policy.yaml");
    daemon.rescan();
    soon(&mut heard, (1, 0)).await;
    // The log says denied still, and it is what policy says again.
    assert!(rig.pair("inventory.web").denied.is_some());
    rig.write("policy.yaml", DENY);
    daemon.rescan();
    soon(&mut heard, (0, 0)).await;
    end.notify_one();
    watching.await.unwrap().unwrap();
}
