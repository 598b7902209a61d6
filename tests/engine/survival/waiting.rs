//! Claims that wait for the store: the clock goes on meanwhile.

use std::sync::mpsc::{Sender, channel};

use jiff::SignedDuration;
use tecrax::api::PairId;
use tecrax::engine::reconcile;
use tecrax::plan::Mode;
use tecrax::store::{Db, Store};
use tokio::task::yield_now;

use crate::scheduling::turning::Turning;
use crate::support::engine::Rig;
use crate::support::hosts::fleet;
use crate::support::log;

/// The disk does not answer until the answer is used.
async fn stand_still(store: &Store) -> Sender<()> {
    let (go_on, gate) = channel();
    let asked = store.clone();
    tokio::spawn(async move {
        let wait = move |_: &Db| {
            let _ = gate.recv();
            Ok(())
        };
        asked.ask(wait).await
    });
    while store.busy_for().is_zero() {
        yield_now().await;
    }
    go_on
}

/// Whatever was begun on this thread comes to where it waits for something else.
async fn settle() {
    for _ in 0..1_000 {
        yield_now().await;
    }
}

#[tokio::test]
async fn what_somebody_else_ran_while_a_claim_waited_for_the_store_is_not_run_again() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(1));
    let mut daemon = Turning::start(&rig, "daemon");
    assert_eq!(daemon.turn_until(1).await.len(), 1);
    let go_on = stand_still(daemon.engine.store()).await;
    rig.pass(600);
    daemon.begin().await;
    settle().await;
    // Another process is there for the slot, and for the next one.
    let other = rig.other("other");
    for _ in 0..2 {
        assert_eq!(reconcile(&other, &rig.manifests(), Mode::Once).await.unwrap().tally.ran, 1);
        rig.pass(300);
    }
    rig.pass(-300);
    go_on.send(()).unwrap();
    assert!(daemon.turn().await.is_empty(), "the slot has been served");
    daemon.end().await;
    assert_eq!(rig.pair("inventory.web-000").runs, 3);
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_claim_that_waited_for_the_store_counts_from_when_it_is_granted() {
    let mut rig = Rig::new();
    let store = rig.engine.store().clone();
    let go_on = stand_still(&store).await;
    let wanted = vec![(PairId::parse("default/inventory.web").unwrap(), SignedDuration::from_mins(1))];
    let (clock, asked) = (rig.clock.now(), wanted.clone());
    let asking = tokio::spawn(async move { store.claim("first".to_owned(), move || clock(), asked).await.unwrap() });
    settle().await;
    rig.pass(3_600);
    go_on.send(()).unwrap();
    assert_eq!(asking.await.unwrap().len(), 1);
    let mut other = Db::open(&rig.state(), "other").unwrap();
    assert!(other.claim("other", || rig.at, &wanted).unwrap().is_empty(), "it is held");
    rig.pass(61);
    assert_eq!(other.claim("other", || rig.at, &wanted).unwrap().len(), 1);
    other.close();
}
