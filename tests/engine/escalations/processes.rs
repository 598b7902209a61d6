//! Several processes, and what a crash leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tecrax::engine::{Event, Listener, reconcile};
use tecrax::plan::Mode;
use tecrax::store::{Db, Prune, RetentionPolicy};
use tokio::sync::Notify;

use super::{calling, changes, known, sound, suppressed};
use crate::support::dead;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_open_it_once() {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    let other = rig.other("second");
    for round in 0..4 {
        rig.write("web.yaml", &host("web", Some(if round % 2 == 0 { 95 } else { 50 })));
        rig.pass(300);
        let paths = rig.manifests();
        let (first, second) = tokio::join!(reconcile(&rig.engine, &paths, Mode::Once), reconcile(&other, &paths, Mode::Once));
        first.unwrap();
        second.unwrap();
        // Whoever was second may have looked before the first one's run was durable.
        rig.once().await;
    }
    assert_eq!(changes(&rig), ["opened web", "resolved web", "reopened web", "resolved web"]);
    sound(&rig);
}

#[tokio::test]
async fn what_a_process_left_undone_the_next_one_does() {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    // It dies as soon as its rerun is durable.
    let over = Arc::new(Notify::new());
    let told = Arc::clone(&over);
    let listener: Listener = Arc::new(move |event| {
        if matches!(event, Event::Ran { rerun: true, .. }) {
            told.notify_one();
        }
    });
    let (dies, paths) = (rig.listening("dies", listener), rig.manifests());
    let pass = tokio::spawn(async move { reconcile(&dies, &paths, Mode::Once).await.map(|_| ()) });
    over.notified().await;
    pass.abort();
    assert!(pass.await.unwrap_err().is_cancelled());
    assert_eq!(rig.pair("inventory.web").tracked.len(), 1, "its run is in the log");
    assert!(changes(&rig).is_empty(), "and nobody has been called");
    assert_eq!(rig.once().await.tally.ran, 0, "nothing is due");
    assert_eq!(changes(&rig), ["opened web"]);
    sound(&rig);
}

/// A network cut, and a process that dies after so many runs of it: some losses are in the log and nobody has looked at them, the
/// others are seen minutes later by the next process.
#[tokio::test]
async fn a_mass_failure_that_a_process_died_in_is_one_matter_all_the_same() {
    for died_after in [1, 5, 11] {
        let mut rig = Rig::new();
        dead::key(&rig.manifests()[0]);
        rig.write("fleet.yaml", &fleet(12));
        rig.once().await;
        rig.write(
            "fleet.yaml",
            &(0..12).fold(INVENTORY.to_owned(), |text, index| text + &dead::target(&format!("web-{index:03}"), "")),
        );
        rig.pass(300);
        let (over, left) = (Arc::new(Notify::new()), AtomicUsize::new(died_after));
        let told = Arc::clone(&over);
        let listener: Listener = Arc::new(move |event| {
            if matches!(event, Event::Ran { rerun: false, .. }) && left.fetch_sub(1, Ordering::SeqCst) == 1 {
                told.notify_one();
            }
        });
        let (dies, paths) = (rig.listening("dies", listener), rig.manifests());
        let pass = tokio::spawn(async move { reconcile(&dies, &paths, Mode::Once).await.map(|_| ()) });
        over.notified().await;
        pass.abort();
        let _ = pass.await;
        // The next one looks before anything is due, and then at everybody.
        rig.once().await;
        for _ in 0..3 {
            rig.again().await;
        }
        let calls = calling(&rig);
        assert!(calls.len() == 1 && calls[0].starts_with("group."), "died after {died_after}: {calls:?}");
        assert_eq!(suppressed(&rig), vec![format!("PartOfGroup {}", calls[0]); 12], "died after {died_after}");
        sound(&rig);
    }
}

#[tokio::test]
async fn retention_seals_what_escalations_came_to() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(100));
    rig.write("bad.yaml", &host("bad", Some(95)));
    rig.once().await;
    for _ in 0..4 {
        rig.pass(600);
        rig.once().await;
    }
    let before = known(&rig);
    let policy = RetentionPolicy { max_age: Some(jiff::SignedDuration::from_mins(15)), max_bytes: None };
    let mut db = Db::open(&rig.state(), "x").unwrap();
    let pruned = db.prune(&policy, Prune::Now, rig.at).unwrap().expect("old records");
    assert!(pruned.pruned >= 256);
    drop(db);
    assert_eq!(known(&rig), before);
    let db = Db::open_read_only(&rig.state()).unwrap();
    assert_eq!(db.replay().unwrap().different, 0, "its only record is gone, and the log still folds to it");
    let report = tecrax::store::verify(&rig.state(), &tecrax::store::VerifyOptions::default()).unwrap();
    assert!(report.is_sound(), "{:?}", report.defects);
    let quick = tecrax::store::VerifyOptions { level: tecrax::store::Level::Quick, ..Default::default() };
    assert!(tecrax::store::verify(&rig.state(), &quick).unwrap().is_sound());
    // And it goes on from there.
    rig.write("bad.yaml", &host("bad", Some(50)));
    rig.pass(600);
    rig.once().await;
    assert!(known(&rig).iter().all(|state| !state.is_open()));
}
