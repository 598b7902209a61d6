//! Targets that give no answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tecrax::api::{Assessment, ErrorClass, PairId};
use tecrax::connect::{Environment, Failure, OpenContext, Recording, Recordings};
use tecrax::engine::{Engine, EngineOptions, Listener};
use tecrax::evidence::Show;
use tecrax::secrets::Redactor;
use tecrax::store::{Db, Store};
use tokio::time::timeout;

use super::turning::Turning;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};

/// A host that may be down.
#[derive(Debug, Default)]
struct Line {
    cut: AtomicBool,
    asked: AtomicUsize,
}

impl Recordings for Line {
    fn open(&self, _: &str) -> Result<(), Failure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.cut.load(Ordering::SeqCst) { Err(Failure::new(ErrorClass::Unreachable, "no route to host")) } else { Ok(()) }
    }

    fn read(&self, _: &str, _: &str) -> Option<Result<Recording, Failure>> {
        None
    }
}

fn engine(rig: &Rig, line: &Arc<Line>, listener: Listener) -> Arc<Engine> {
    let recordings: Arc<dyn Recordings> = Arc::<Line>::clone(line);
    Engine::new(EngineOptions {
        profile: Arc::clone(rig.engine.profile()),
        store: Store::open(&rig.state(), "x").unwrap(),
        open: OpenContext::new(Environment::default(), true).with_recordings(recordings),
        now: rig.clock.now(),
        holder: "daemon".to_owned(),
        redactor: Redactor::default(),
        show: Show::default(),
        listener,
    })
}

#[tokio::test]
async fn a_silent_target_is_left_alone_for_a_while_unless_somebody_asks_and_is_found_when_it_is_back() {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    let line = Arc::new(Line::default());
    line.cut.store(true, Ordering::SeqCst);
    let mut daemon = Turning::of(&rig, |listener| engine(&rig, &line, listener));
    daemon.turn().await;
    let pair = PairId::parse("default/inventory.web").unwrap();
    let assessment = |rig: &Rig| rig.pair("inventory.web").last.unwrap().assessment;
    // The round may have asked once more, as a reaction wanted.
    let asked = line.asked.load(Ordering::SeqCst);
    assert!(asked > 0);
    assert_eq!(assessment(&rig), Assessment::Unknown);

    // Far beyond its slot by the wall clock, moments later by the other one.
    rig.pass(600);
    assert!(daemon.turn().await.is_empty());
    assert_eq!(line.asked.load(Ordering::SeqCst), asked);

    // Whoever asks is served.
    let mut db = Db::open(&rig.state(), "x").unwrap();
    db.ask_for_runs(&[pair], rig.at).unwrap();
    db.close();
    assert_eq!(daemon.ran().await, "inventory.web");
    assert!(line.asked.load(Ordering::SeqCst) > asked);
    assert_eq!(assessment(&rig), Assessment::Unknown);

    // It is back, and the slot that waits is served without anybody asking.
    line.cut.store(false, Ordering::SeqCst);
    let mut ran = String::new();
    while ran.is_empty() {
        // The wall clock of this test stands still while the other one goes on.
        rig.pass(600);
        daemon.engine.rescan();
        ran = timeout(Duration::from_secs(1), daemon.ran()).await.unwrap_or_default();
    }
    assert_eq!(ran, "inventory.web");
    assert_eq!(assessment(&rig), Assessment::Healthy);
    rig.pass(600);
    assert_eq!(daemon.turn().await.len(), 1, "it answers: its slots are its own again");
    daemon.end().await;
}
