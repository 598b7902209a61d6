//! New manifests: what is begun under the old ones neither contacts nor says what the new ones rule out.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tecrax::api::{Assessment, PairId};
use tecrax::engine::{Event, Limits, watch};
use tecrax::status::PairState;
use tecrax::store::{Db, StoreError};
use tokio::time::{sleep, timeout};

use super::holding::{Holding, check};
use super::turning::Turning;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;

/// Less than the time after which manifests are looked at again by themselves.
const PATIENCE: Duration = Duration::from_secs(20);

fn pair(name: &str) -> PairId {
    PairId::parse(&format!("default/{name}")).unwrap()
}

/// Waits until the state of a pair is as wanted. Nobody rescans meanwhile.
async fn until(rig: &Rig, name: &str, what: &str, holds: impl Fn(&PairState) -> bool) {
    let (began, pair) = (Instant::now(), pair(name));
    loop {
        let state = Db::open_read_only(&rig.state()).unwrap().state(&pair).unwrap();
        if state.as_ref().is_some_and(&holds) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{name} is not {what}: {state:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A daemon that reads one Target at a time, and two Targets that have been looked at once.
async fn two_in_turn(rig: &Rig, server: &mut Holding) -> Turning {
    rig.write("check.yaml", &check("version", "50s"));
    rig.write("a.yaml", &server.target("a"));
    rig.write("b.yaml", &server.target("b"));
    let daemon = Turning::of(rig, |listener| {
        let engine = rig.listening("daemon", listener);
        engine.limit(Limits { targets: 1, per_connector: 1, per_target: 1 });
        engine
    });
    for _ in 0..2 {
        server.arrivals(1).await;
        server.answer(1);
    }
    daemon
}

#[tokio::test]
async fn a_target_that_is_removed_while_it_waits_its_turn_is_not_asked_any_more() {
    let (mut rig, mut server) = (Rig::new(), Holding::start());
    let mut daemon = two_in_turn(&rig, &mut server).await;
    daemon.ran().await;
    daemon.ran().await;
    rig.pass(600);
    daemon.engine.rescan();
    // One of them is asked and the other waits; which it is, only the slots know.
    server.arrivals(1).await;
    rig.remove("a.yaml");
    rig.remove("b.yaml");
    rig.write("c.yaml", &server.target("c"));
    daemon.engine.rescan();
    let removed = |name: &str| {
        let pair = pair(&format!("version.{name}"));
        Db::open_read_only(&rig.state()).unwrap().state(&pair).unwrap().is_some_and(|state| state.removed)
    };
    let began = Instant::now();
    while !removed("a") && !removed("b") {
        assert!(began.elapsed() < PATIENCE, "nobody is buried");
        sleep(Duration::from_millis(20)).await;
    }
    let waits = if removed("a") { "a" } else { "b" };
    let asked = if waits == "a" { "b" } else { "a" };
    assert!(!removed(asked), "it is worked on");
    server.answer(9);
    // What was in flight counts, and is buried right after.
    let mut order = [daemon.ran().await, daemon.ran().await];
    order.sort_unstable();
    assert_eq!(order, [format!("version.{asked}"), "version.c".to_owned()]);
    until(&rig, &format!("version.{asked}"), "buried", |state| state.removed).await;
    daemon.end().await;
    assert_eq!(rig.pair(&format!("version.{waits}")).runs, 1);
    assert_eq!(rig.pair(&format!("version.{asked}")).runs, 2);
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_first_run_that_ends_after_its_pair_was_removed_is_buried() {
    let (rig, mut server) = (Rig::new(), Holding::start());
    rig.write("check.yaml", &check("version", "50s"));
    rig.write("web.yaml", &server.target("web"));
    let mut daemon = Turning::start(&rig, "daemon");
    server.arrivals(1).await;
    rig.remove("web.yaml");
    daemon.read().await;
    // The manifests are in force before they are called read.
    server.answer(1);
    until(&rig, "version.web", "buried", |state| state.removed).await;
    daemon.end().await;
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_suspension_is_recorded_when_whoever_works_on_the_pair_is_done() {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    let mut daemon = Turning::start(&rig, "daemon");
    daemon.turn().await;
    let pair = pair("inventory.web");
    let mut other = Db::open(&rig.state(), "other").unwrap();
    let claim = other.claim("other", || rig.at, &[(pair.clone(), SignedDuration::from_mins(1))]).unwrap();
    assert_eq!(claim.len(), 1);
    rig.write("web.yaml", &host("web", Some(50)).replace("  type: Host", "  type: Host\n  suspend: true"));
    daemon.read().await;
    assert!(!rig.pair("inventory.web").suspended, "somebody works on it");
    other.release(&[(pair, claim[0].fence)]).unwrap();
    until(&rig, "inventory.web", "suspended", |state| state.suspended).await;
    daemon.end().await;
    other.close();
    log::verify(&rig.state());
}

/// Looks at a host whose root file system is nearly full, which is looked at once more before anybody is called. Another Target is asked
/// first, and `edit` comes meanwhile. Whether the first two runs of the host are reruns.
async fn edited_before_its_rerun(rig: &Rig, edit: impl FnOnce(&Rig)) -> [bool; 2] {
    let mut server = Holding::start();
    rig.write("checks.yaml", &format!("{INVENTORY}{}", check("version", "50s")));
    rig.write("host.yaml", &host("a", Some(95)));
    rig.write("z.yaml", &server.target("z"));
    let runs = Arc::<Mutex<Vec<bool>>>::default();
    let own = Arc::clone(&runs);
    let mut daemon = Turning::of(rig, |listener| {
        let engine = rig.listening(
            "daemon",
            Arc::new(move |event| {
                if let Event::Ran { state, rerun } = event
                    && state.pair.target.as_str() == "a"
                {
                    own.lock().unwrap().push(*rerun);
                }
                listener(event);
            }),
        );
        engine.limit(Limits { targets: 1, per_connector: 1, per_target: 1 });
        engine
    });
    server.arrivals(1).await;
    edit(rig);
    daemon.read().await;
    server.answer(9);
    let began = Instant::now();
    while runs.lock().unwrap().len() < 2 {
        assert!(began.elapsed() < PATIENCE, "it is not looked at again");
        daemon.stir().await;
    }
    daemon.end().await;
    log::verify(&rig.state());
    let runs = runs.lock().unwrap();
    [runs[0], runs[1]]
}

#[tokio::test]
async fn a_rerun_does_not_ask_a_target_as_it_was_before_an_edit() {
    let rig = Rig::new();
    let runs = edited_before_its_rerun(&rig, |rig| rig.write("host.yaml", &host("a", Some(50)))).await;
    assert_eq!(runs, [false, false], "the edited Target is asked, and nobody asks the old one");
    let state = rig.pair("inventory.a");
    assert_eq!((state.runs, state.last.unwrap().assessment), (2, Assessment::Healthy));
}

#[tokio::test]
async fn a_rerun_does_not_ask_what_a_check_asked_before_an_edit() {
    let edited = INVENTORY.replace("values: [\"90\"]", "values: [\"99\"]");
    let rig = Rig::new();
    let runs = edited_before_its_rerun(&rig, |rig| rig.write("checks.yaml", &edited)).await;
    assert_eq!(runs, [false, false]);
    assert_eq!(rig.pair("inventory.a").last.unwrap().assessment, Assessment::Healthy);
}

#[tokio::test]
async fn a_rerun_keeps_to_the_bounds_of_a_policy_that_came_before_it() {
    const SHORT: &str = "apiVersion: tecrax.io/v1alpha1
kind: Policy
metadata: {name: short}
spec:
  targetSelector: {}
  rules:
  - {name: short, effect: AllowWithObligations, constraints: [{name: short, kind: output_limit, value: \"10\"}]}
";
    let rig = Rig::new();
    let runs = edited_before_its_rerun(&rig, |rig| rig.write("policy.yaml", SHORT)).await;
    assert_eq!(runs, [false, true], "it is admitted");
    let cut =
        |run: &serde_json::Value| run["readings"].as_array().unwrap().iter().any(|reading| reading["outcome"] == "OutputCut");
    let cut: Vec<bool> = log::runs(&rig.state(), "default/inventory.a").iter().map(cut).collect();
    assert_eq!(cut, [false, true]);
}

const FROZEN: &str = "apiVersion: tecrax.io/v1alpha1
kind: Policy
metadata: {name: freeze}
spec:
  checkSelector: {matchLabels: {frozen: yes-it-is}}
  rules:
  - {name: nothing, effect: Deny, reasonCode: change_freeze}
";

#[tokio::test]
async fn a_denial_of_old_manifests_is_forgotten_with_them() {
    let (rig, mut server) = (Rig::new(), Holding::start());
    let frozen = check("frozen", "40s").replace("{name: frozen}", "{name: frozen, labels: {frozen: yes-it-is}}");
    rig.write("checks.yaml", &format!("{}{frozen}", check("version", "50s")));
    rig.write("web.yaml", &server.target("web"));
    rig.write("policy.yaml", FROZEN);
    let mut daemon = Turning::start(&rig, "daemon");
    server.arrivals(1).await;
    assert_eq!(server.asked(), 0, "the other one is denied");
    rig.remove("policy.yaml");
    daemon.read().await;
    server.answer(9);
    let mut ran = [daemon.ran().await, daemon.ran().await];
    ran.sort_unstable();
    assert_eq!(ran, ["frozen.web", "version.web"]);
    daemon.end().await;
    let denials = log::rows(&rig.state()).into_iter().filter(|row| row.kind.starts_with("denial")).count();
    assert_eq!(denials, 0, "nobody was denied anything when it came to it");
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_daemon_that_waits_for_git_ends_when_told_to() {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    std::fs::create_dir(rig.manifests()[0].join(".git")).unwrap();
    std::fs::write(rig.manifests()[0].join(".git/index.lock"), "").unwrap();
    let ended = timeout(Duration::from_secs(10), watch(&rig.engine, &rig.manifests(), async {})).await;
    assert!(ended.expect("in time").is_ok());
}

#[tokio::test]
async fn a_daemon_whose_store_has_gone_ends() {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    let (engine, paths) = (Arc::clone(&rig.engine), rig.manifests());
    let daemon = tokio::spawn(async move { watch(&engine, &paths, std::future::pending()).await });
    let began = Instant::now();
    while !rig.take_events().iter().any(|event| event.starts_with("ran ")) {
        assert!(began.elapsed() < PATIENCE, "nothing runs");
        sleep(Duration::from_millis(20)).await;
    }
    let bug = rig.engine.store().ask(|_| -> Result<(), StoreError> { panic!("a bug in a job of the store") }).await;
    assert!(matches!(bug, Err(StoreError::Closed)));
    let ended = timeout(PATIENCE, daemon).await.expect("it ends").unwrap();
    assert!(matches!(ended.unwrap_err().as_ref(), StoreError::Closed));
}
