//! A daemon whose loop a test turns by hand: the clock moves when told to, and a turn is over when nothing runs any more.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tecrax::engine::{Engine, Event, Listener, watch};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::engine::Rig;

/// Far longer than a run of recorded readings takes.
const UNHEARD: Duration = Duration::from_secs(3);

/// What a test hears of.
#[derive(Debug)]
pub enum Heard {
    Ran(String),
    Ticked(usize),
    /// The manifests were looked at, and what was found is in force.
    Read,
    Other,
}

/// A running daemon. There is one Check a Target in these tests, so a round is a run.
pub struct Turning {
    pub engine: Arc<Engine>,
    heard: mpsc::UnboundedReceiver<Heard>,
    /// Rounds that were started and have not ended.
    open: usize,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Turning {
    pub fn start(rig: &Rig, holder: &str) -> Self {
        Self::of(rig, |listener| rig.listening(holder, listener))
    }

    /// A daemon whose engine the test makes.
    pub fn of(rig: &Rig, engine: impl FnOnce(Listener) -> Arc<Engine>) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let engine = engine(Arc::new(move |event| {
            let _ = sender.send(match event {
                Event::Ran { state, rerun: false } => Heard::Ran(state.pair.observation_name()),
                Event::Ticked { started, .. } => Heard::Ticked(*started),
                Event::Read { .. } => Heard::Read,
                _ => Heard::Other,
            });
        }));
        let (stop, stopped) = oneshot::channel();
        let (own, paths) = (Arc::clone(&engine), rig.manifests());
        let task = tokio::spawn(async move {
            watch(&own, &paths, async { drop(stopped.await) }).await.unwrap();
        });
        Self { engine, heard, open: 0, stop, task }
    }

    /// Lets the loop see the clock and the manifests as they are now; returns how often each pair ran.
    pub async fn turn(&mut self) -> BTreeMap<String, usize> {
        let mut ran = BTreeMap::new();
        // What the loop said before says nothing of now.
        while let Ok(heard) = self.heard.try_recv() {
            self.take(heard, &mut ran);
        }
        // One turn to start what is due, and others that must find nothing.
        for _ in 0..3 {
            self.engine.rescan();
            loop {
                // A round that found its pairs fresh ends unheard: the daemon has nothing more to say then.
                let Ok(heard) = timeout(UNHEARD, self.heard.recv()).await else {
                    self.open = 0;
                    break;
                };
                if self.take(heard.expect("a daemon"), &mut ran) {
                    break;
                }
            }
        }
        ran
    }

    /// As [`Self::turn`], until so many runs have been heard of; whatever runs beyond that is counted, too. A Target whose round has just ended
    /// may be taken for busy by one turn of the loop.
    pub async fn turn_until(&mut self, wanted: usize) -> BTreeMap<String, usize> {
        let mut ran = self.turn().await;
        while ran.values().sum::<usize>() < wanted {
            *ran.entry(self.ran().await).or_default() += 1;
        }
        for (pair, more) in self.turn().await {
            *ran.entry(pair).or_default() += more;
        }
        ran
    }

    /// Counts what is heard; whether nothing goes on any more.
    fn take(&mut self, heard: Heard, ran: &mut BTreeMap<String, usize>) -> bool {
        match heard {
            Heard::Ran(pair) => {
                *ran.entry(pair).or_default() += 1;
                self.open = self.open.saturating_sub(1);
                self.open == 0
            }
            Heard::Ticked(started) => {
                self.open += started;
                self.open == 0
            }
            Heard::Read | Heard::Other => false,
        }
    }

    /// Waits for anything to happen.
    pub async fn stir(&mut self) {
        self.heard.recv().await.expect("a daemon");
    }

    /// Lets the loop see the clock, and waits until it has started a round.
    pub async fn begin(&mut self) {
        self.engine.rescan();
        let before = self.open;
        while self.open == before {
            let heard = self.heard.recv().await.expect("a daemon");
            self.take(heard, &mut BTreeMap::new());
        }
    }

    /// Waits for the next run, however it comes about.
    pub async fn ran(&mut self) -> String {
        loop {
            match self.heard.recv().await.expect("a daemon") {
                Heard::Ran(pair) => {
                    self.open = self.open.saturating_sub(1);
                    return pair;
                }
                Heard::Ticked(started) => self.open += started,
                Heard::Read | Heard::Other => {}
            }
        }
    }

    /// Waits until the manifests have been looked at once more from now on; returns how often each pair ran meanwhile.
    pub async fn read(&mut self) -> BTreeMap<String, usize> {
        let mut ran = BTreeMap::new();
        while let Ok(heard) = self.heard.try_recv() {
            self.take(heard, &mut ran);
        }
        self.engine.rescan();
        loop {
            let heard = self.heard.recv().await.expect("a daemon");
            if matches!(heard, Heard::Read) {
                return ran;
            }
            self.take(heard, &mut ran);
        }
    }

    /// Ends it without any grace.
    pub fn give_up(self) {
        self.task.abort();
    }

    pub async fn end(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap();
    }
}
