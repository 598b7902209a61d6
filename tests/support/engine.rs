//! An engine on a private state directory, with a clock that tests move.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tecrax::api::PairId;
use tecrax::connect::{Environment, OpenContext};
use tecrax::engine::{Engine, EngineOptions, Event, Listener, ManualClock, Report, reconcile};
use tecrax::evidence::Show;
use tecrax::facts;
use tecrax::plan::Mode;
use tecrax::profile::Profile;
use tecrax::run::Now;
use tecrax::secrets::Redactor;
use tecrax::status::{PairState, View};
use tecrax::store::{Db, Store};
use tempfile::TempDir;

/// A directory with manifests and a state directory.
pub struct Rig {
    pub dir: TempDir,
    pub clock: ManualClock,
    pub at: Timestamp,
    pub engine: Arc<Engine>,
    pub events: Arc<Mutex<Vec<String>>>,
}

impl Rig {
    pub fn new() -> Self {
        Self::with_profile(bundled())
    }

    /// A rig whose engine asks what another profile has.
    pub fn with_profile(profile: Arc<Profile>) -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("manifests")).unwrap();
        let at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let clock = ManualClock::new(at);
        let events = Arc::new(Mutex::new(Vec::new()));
        let engine = engine(profile, &dir.path().join("state"), clock.now(), "first", told(&events));
        Self { dir, clock, at, engine, events }
    }

    /// Another process on the same state directory.
    pub fn other(&self, holder: &str) -> Arc<Engine> {
        engine(bundled(), &self.state(), self.clock.now(), holder, told(&self.events))
    }

    /// Another process with its own listener.
    pub fn listening(&self, holder: &str, listener: Listener) -> Arc<Engine> {
        engine(bundled(), &self.state(), self.clock.now(), holder, listener)
    }

    /// Another process, whose clock does what the test wants while it is read.
    pub fn at_times(&self, holder: &str, now: Now) -> Arc<Engine> {
        engine(bundled(), &self.state(), now, holder, Arc::new(|_| {}))
    }

    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    pub fn manifests(&self) -> Vec<PathBuf> {
        vec![self.dir.path().join("manifests")]
    }

    /// Writes a manifest file.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.dir.path().join("manifests").join(name), text).unwrap();
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.dir.path().join("manifests").join(name)).unwrap();
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: i64) {
        self.at += SignedDuration::from_secs(seconds);
        self.clock.set(self.at);
    }

    /// One pass that must succeed.
    pub async fn once(&self) -> Report {
        reconcile(&self.engine, &self.manifests(), Mode::Once).await.unwrap()
    }

    /// Lets time pass until everything is due again, then one pass.
    pub async fn again(&mut self) -> Report {
        self.pass(300);
        self.once().await
    }

    /// The stored state of a pair.
    pub fn pair(&self, name: &str) -> PairState {
        let id = PairId::parse(&format!("default/{name}")).unwrap();
        Db::open_read_only(&self.state()).unwrap().state(&id).unwrap().expect("a state")
    }

    pub fn take_events(&self) -> Vec<String> {
        std::mem::take(&mut self.events.lock().unwrap())
    }
}

/// The view of a pair.
pub fn view<'r>(report: &'r Report, name: &str) -> &'r View {
    report
        .views
        .iter()
        .find(|view| view.pair.observation_name() == name)
        .unwrap_or_else(|| panic!("no {name} among {:?}", report.views))
}

fn told(events: &Arc<Mutex<Vec<String>>>) -> Listener {
    let events = Arc::clone(events);
    Arc::new(move |event| {
        let text = match event {
            Event::Ran { state, rerun } => format!("{} {}", if *rerun { "reran" } else { "ran" }, state.pair),
            Event::Busy(pair) => format!("busy {pair}"),
            Event::Lost(pair) => format!("lost {pair}"),
            Event::Removed(pair) => format!("removed {pair}"),
            other => format!("{other:?}"),
        };
        events.lock().unwrap().push(text);
    })
}

/// An engine on any state directory.
pub fn on(state: &std::path::Path, at: Timestamp) -> Arc<Engine> {
    engine(bundled(), state, ManualClock::new(at).now(), "later", Arc::new(|_| {}))
}

fn bundled() -> Arc<Profile> {
    Arc::new(Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the bundled profile"))
}

fn engine(profile: Arc<Profile>, state: &std::path::Path, now: Now, holder: &str, listener: Listener) -> Arc<Engine> {
    Engine::new(EngineOptions {
        profile,
        store: Store::open(state, "test-origin").unwrap(),
        open: OpenContext::new(Environment::default(), true),
        now,
        holder: holder.to_owned(),
        redactor: Redactor::default(),
        show: Show::default(),
        listener,
    })
}
