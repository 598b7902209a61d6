//! What policy refuses stands in the log, whoever is in the way.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tecrax::api::PairId;
use tecrax::engine::{Event, reconcile};
use tecrax::plan::Mode;
use tecrax::store::Db;

use super::turning::Turning;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host};
use crate::support::log;

/// A Policy that denies everything.
pub const DENY: &str = "apiVersion: tecrax.io/v1alpha1
kind: Policy
metadata: {name: freeze}
spec:
  targetSelector: {}
  rules:
  - name: nothing
    effect: Deny
    conditions: [{key: resource.criticality, values: [Low, Medium, High, Critical]}]
    reasonCode: change_freeze
";
/// Far longer than the pause after which a pair is tried again.
const PATIENCE: Duration = Duration::from_secs(30);

fn rig() -> Rig {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    rig.write("policy.yaml", DENY);
    rig
}

fn denials(rig: &Rig) -> usize {
    log::rows(&rig.state()).iter().filter(|row| row.kind.starts_with("denial")).count()
}

/// Waits for the log, which is written beside the rounds.
async fn until(rig: &Rig, number: usize) {
    let began = Instant::now();
    while denials(rig) != number {
        assert!(began.elapsed() < PATIENCE, "{} denials, not {number}", denials(rig));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until so many Policies are in force; nothing is due.
async fn in_force(rig: &Rig, daemon: &mut Turning, policies: usize) {
    let began = Instant::now();
    while Db::open_read_only(&rig.state()).unwrap().desired_everywhere("Policy").unwrap().len() != policies {
        assert!(began.elapsed() < PATIENCE, "the Policy is not read");
        assert!(daemon.read().await.is_empty(), "nothing is due");
    }
    // What is wanted is published right before the loop goes on with it.
    assert!(daemon.read().await.is_empty(), "nothing is due");
}

#[tokio::test]
async fn the_same_denial_after_a_run_is_another_one() {
    let mut rig = rig();
    let mut daemon = Turning::start(&rig, "daemon");
    daemon.turn().await;
    until(&rig, 1).await;
    rig.write("policy.yaml", "");
    assert_eq!(daemon.turn_until(1).await.len(), 1, "what is admitted runs");
    in_force(&rig, &mut daemon, 0).await;
    rig.write("policy.yaml", DENY);
    in_force(&rig, &mut daemon, 1).await;
    rig.pass(400);
    assert!(daemon.turn().await.is_empty(), "denied");
    until(&rig, 2).await;
    daemon.end().await;
    assert_eq!(denials(&rig), 2);
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_pair_that_somebody_works_on_is_denied_when_that_is_over() {
    let rig = rig();
    let pair = PairId::parse("default/inventory.web").unwrap();
    let mut other = Db::open(&rig.state(), "other").unwrap();
    let claim = other.claim("other", || rig.at, &[(pair.clone(), jiff::SignedDuration::from_mins(1))]).unwrap();
    let mut daemon = Turning::start(&rig, "daemon");
    daemon.turn().await;
    assert_eq!(denials(&rig), 0, "another process has it");
    other.release(&[(pair, claim[0].fence)]).unwrap();
    until(&rig, 1).await;
    daemon.end().await;
    other.close();
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_pair_that_was_buried_and_comes_back_is_denied_anew() {
    let rig = rig();
    let mut daemon = Turning::start(&rig, "daemon");
    daemon.turn().await;
    until(&rig, 1).await;
    rig.remove("web.yaml");
    daemon.read().await;
    let began = Instant::now();
    while !rig.pair("inventory.web").removed {
        assert!(began.elapsed() < PATIENCE, "nobody is buried");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    rig.write("web.yaml", &host("web", Some(50)));
    daemon.read().await;
    until(&rig, 2).await;
    daemon.end().await;
    assert!(rig.pair("inventory.web").denied.is_some());
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_request_for_a_pair_that_is_denied_already_ends() {
    let rig = rig();
    let mut daemon = Turning::start(&rig, "daemon");
    daemon.turn().await;
    until(&rig, 1).await;
    let pair = PairId::parse("default/inventory.web").unwrap();
    let mut db = Db::open(&rig.state(), "x").unwrap();
    db.ask_for_runs(&[pair], rig.at).unwrap();
    let began = Instant::now();
    while !db.requests().unwrap().is_empty() {
        assert!(began.elapsed() < PATIENCE, "it is still asked for");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    db.close();
    daemon.end().await;
}

#[tokio::test]
async fn a_store_that_fails_is_asked_seldom_however_many_targets_are_denied() {
    const HOSTS: usize = 40;
    let rig = Rig::new();
    rig.write("fleet.yaml", &fleet(HOSTS));
    rig.write("policy.yaml", DENY);
    let file = log::open(&rig.state());
    let full = "CREATE TRIGGER full BEFORE INSERT ON claims BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END";
    file.execute_batch(full).unwrap();
    let failures = Arc::<Mutex<Vec<Instant>>>::default();
    let own = Arc::clone(&failures);
    let mut daemon = Turning::of(&rig, |listener| {
        rig.listening(
            "daemon",
            Arc::new(move |event| {
                if matches!(event, Event::StoreFailed(_)) {
                    own.lock().unwrap().push(Instant::now());
                }
                listener(event);
            }),
        )
    });
    while failures.lock().unwrap().len() < 3 {
        daemon.stir().await;
    }
    let pauses: Vec<Duration> = failures.lock().unwrap().windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[0] >= Duration::from_secs(1) && pauses[1] >= Duration::from_secs(2), "{pauses:?}");
    file.execute_batch("DROP TRIGGER full").unwrap();
    until(&rig, HOSTS).await;
    daemon.end().await;
    log::verify(&rig.state());
}

#[tokio::test]
async fn what_was_recorded_before_the_store_failed_is_told_once() {
    // More than one transaction.
    const HOSTS: usize = 300;
    let rig = Rig::new();
    rig.write("fleet.yaml", &fleet(HOSTS));
    rig.write("policy.yaml", DENY);
    let told = |what: &str| rig.take_events().into_iter().filter(|event| event.starts_with(what)).count();
    let file = log::open(&rig.state());
    let full = |on: &str| {
        let when = "WHEN NEW.pair = 'default/inventory.web-299' BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END";
        file.execute_batch(&format!("CREATE TRIGGER full BEFORE {on} ON pairs {when}")).unwrap();
    };
    let work = || file.execute_batch("DROP TRIGGER full").unwrap();

    full("INSERT");
    reconcile(&rig.engine, &rig.manifests(), Mode::Once).await.unwrap_err();
    let recorded = denials(&rig);
    assert!(recorded > 0 && recorded < HOSTS, "{recorded}");
    assert_eq!(told("Denied"), recorded);
    work();
    rig.once().await;
    assert_eq!(told("Denied"), HOSTS - recorded);

    rig.write("fleet.yaml", INVENTORY);
    full("UPDATE");
    reconcile(&rig.engine, &rig.manifests(), Mode::Once).await.unwrap_err();
    let buried = log::rows(&rig.state()).iter().filter(|row| row.kind.starts_with("tombstone")).count();
    assert!(buried > 0 && buried < HOSTS, "{buried}");
    assert_eq!(told("removed"), buried);
    work();
    rig.once().await;
    assert_eq!(told("removed"), HOSTS - buried);
    log::verify(&rig.state());
}
