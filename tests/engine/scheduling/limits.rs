//! What is done at the same time, and what is not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tecrax::api::PairId;
use tecrax::engine::{Engine, Event, Limits, Listener, Report, reconcile};
use tecrax::plan::Mode;
use tecrax::store::Db;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::holding::{Holding, check};
use super::turning::Turning;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};

/// Less than the time-outs of the Checks.
const PATIENCE: Duration = Duration::from_secs(30);

/// An engine with these limits, and what it ran, pair by pair.
fn limited(rig: &Rig, limits: Limits) -> (Arc<Engine>, mpsc::UnboundedReceiver<String>) {
    let (sender, ran) = mpsc::unbounded_channel();
    let engine = rig.listening(
        "limited",
        Arc::new(move |event| {
            if let Event::Ran { state, .. } = event {
                let _ = sender.send(state.pair.observation_name());
            }
        }),
    );
    engine.limit(limits);
    (engine, ran)
}

fn pass(engine: &Arc<Engine>, rig: &Rig) -> JoinHandle<Report> {
    let (engine, paths) = (Arc::clone(engine), rig.manifests());
    tokio::spawn(async move { reconcile(&engine, &paths, Mode::Once).await.unwrap() })
}

#[tokio::test]
async fn no_more_targets_are_read_at_the_same_time_than_the_limit_says() {
    let (rig, mut server) = (Rig::new(), Holding::start());
    rig.write("check.yaml", &check("version", "50s"));
    for number in 0..9 {
        rig.write(&format!("z{number}.yaml"), &server.target(&format!("z{number}")));
    }
    let (engine, _ran) = limited(&rig, Limits { targets: 3, per_connector: 9, per_target: 9 });
    let pass = pass(&engine, &rig);
    for _ in 0..3 {
        server.arrivals(3).await;
        server.answer(3);
    }
    assert_eq!(pass.await.unwrap().tally.ran, 9);
    assert_eq!(server.most(), 3);
}

#[tokio::test]
async fn a_connector_whose_servers_hang_does_not_hold_up_the_others() {
    let (rig, mut server) = (Rig::new(), Holding::start());
    rig.write("check.yaml", &format!("{INVENTORY}{}", check("version", "50s")));
    for number in 0..6 {
        // The slow ones come first in every order.
        rig.write(&format!("a{number}.yaml"), &server.target(&format!("a{number}")));
        rig.write(&format!("h{number}.yaml"), &host(&format!("h{number}"), Some(50)));
    }
    let (engine, mut ran) = limited(&rig, Limits { targets: 3, per_connector: 2, per_target: 9 });
    let pass = pass(&engine, &rig);
    for _ in 0..6 {
        let pair = ran.recv().await.unwrap();
        assert!(pair.starts_with("inventory."), "{pair} ran before anybody was answered");
    }
    for _ in 0..3 {
        server.arrivals(2).await;
        server.answer(2);
    }
    assert_eq!(pass.await.unwrap().tally.ran, 12);
    assert_eq!(server.most(), 2);
}

#[tokio::test]
async fn runs_of_one_target_wait_for_their_turn_and_their_time_does_not_begin_before() {
    let (rig, mut server) = (Rig::new(), Holding::start());
    // Readings with different bounds are different readings; these are all tighter than the bound of the profile.
    let checks: String = (6..10).map(|number| check(&format!("version-{number}"), &format!("{number}s"))).collect();
    rig.write("all.yaml", &format!("{checks}{}", server.target("zbx")));
    let (engine, _ran) = limited(&rig, Limits { targets: 9, per_connector: 9, per_target: 1 });
    let pass = pass(&engine, &rig);
    for _ in 0..4 {
        server.arrivals(1).await;
        server.answer(1);
    }
    let report = pass.await.unwrap();
    assert_eq!((report.tally.ran, server.most()), (4, 1));
    assert!(report.views.iter().all(|view| view.assessment == tecrax::api::Assessment::Healthy), "{:?}", report.views);
}

#[tokio::test]
async fn dead_targets_with_many_checks_do_not_hold_up_the_others() {
    const DEAD: usize = 30;
    const CHECKS: usize = 140;
    let (rig, server) = (Rig::new(), Holding::start());
    // More pairs than there is memory for, and all of them before the others in the order of the names.
    rig.write("checks.yaml", &(0..CHECKS).map(|number| check(&format!("a{number:03}"), "10m")).collect::<String>());
    rig.write("dead.yaml", &(0..DEAD).map(|number| server.target(&format!("a{number:02}"))).collect::<String>());
    rig.write("inventory.yaml", INVENTORY);
    rig.write("alive.yaml", &host("alive", Some(50)));
    let mut daemon = Turning::start(&rig, "daemon");
    assert_eq!(daemon.ran().await, "inventory.alive", "before any of the dead has answered");
    daemon.give_up();
}

#[tokio::test]
async fn what_is_asked_for_does_not_wait_for_the_memory_of_what_is_only_due() {
    const DEAD: usize = 21;
    const CHECKS: usize = 140;
    let (rig, mut dead, mut alive) = (Rig::new(), Holding::start(), Holding::start());
    rig.write("checks.yaml", &(0..CHECKS).map(|number| check(&format!("a{number:03}"), "10m")).collect::<String>());
    rig.write("dead.yaml", &(0..DEAD).map(|number| dead.target(&format!("a{number:02}"))).collect::<String>());
    rig.write("alive.yaml", &alive.target("z"));
    let daemon = Turning::start(&rig, "daemon");
    dead.arrivals(DEAD).await;
    assert_eq!(alive.asked(), 0, "they have all that one connector may have");
    let mut db = Db::open(&rig.state(), "x").unwrap();
    db.ask_for_runs(&[PairId::parse("default/a000.z").unwrap()], rig.at).unwrap();
    db.close();
    timeout(PATIENCE, alive.arrivals(1)).await.expect("it is asked before any of the dead has answered");
    daemon.give_up();
}

#[tokio::test]
async fn a_rerun_goes_before_what_is_only_due() {
    const WAITING: usize = 5;
    let (rig, mut server) = (Rig::new(), Holding::start());
    rig.write("checks.yaml", &format!("{INVENTORY}{}", check("version", "50s")));
    // Nearly full: that is looked at once more before anybody is called.
    rig.write("full.yaml", &host("a", Some(95)));
    for number in 0..WAITING {
        rig.write(&format!("z{number}.yaml"), &server.target(&format!("z{number}")));
    }
    let order = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&order);
    let listener: Listener = Arc::new(move |event| {
        if let Event::Ran { rerun, .. } = event {
            told.lock().unwrap().push(*rerun);
        }
    });
    let engine = rig.listening("limited", listener);
    engine.limit(Limits { targets: 1, per_connector: 1, per_target: 1 });
    let pass = pass(&engine, &rig);
    for _ in 0..WAITING {
        server.arrivals(1).await;
        server.answer(1);
    }
    assert_eq!(pass.await.unwrap().tally.reruns, 1);
    let order = order.lock().unwrap();
    assert_eq!(order.len(), WAITING + 2);
    let rerun = order.iter().position(|rerun| *rerun).unwrap();
    assert!(rerun < WAITING, "it was number {rerun}, and the others had waited for longer");
}
