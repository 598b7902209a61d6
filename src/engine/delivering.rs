//! Deliveries beside the rounds: a task of its own in the daemon, one bounded turn at the end of `--once`. Each Sink in a task of its
//! own, so that a dead one delays no other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::deliver::{TURN, forget, tell};
use super::notices::notices;
use super::{Engine, Event, Inputs};
use crate::desired::sink::DesiredSink;
use crate::notify::TRY;
use crate::store::StoreError;

/// Longest sleep: what other processes recorded, and a clock that was stepped, is noticed within this time.
const LOOK: Duration = Duration::from_secs(10);
/// Shortest pause between two looks at one Sink.
const PAUSE: Duration = Duration::from_millis(50);
/// Pause after the store failed.
const BACK_OFF: Duration = Duration::from_secs(1);
/// Longest time that `--once` spends on telling. No request is begun that might not end in it.
const ONCE: Duration = Duration::from_secs(15);

type Ended = (String, Result<Option<Timestamp>, Arc<StoreError>>);

/// The Sinks of manifests by their receivers, which are digests of what they say: made once.
struct Receivers {
    /// In the order of the names.
    sinks: Vec<(String, Arc<DesiredSink>)>,
    known: HashSet<String>,
}

impl Receivers {
    fn of(inputs: &Inputs) -> Self {
        let sinks: Vec<_> = inputs.desired.sinks.values().map(|sink| (sink.receiver(), Arc::clone(sink))).collect();
        Self { known: sinks.iter().map(|(receiver, _)| receiver.clone()).collect(), sinks }
    }
}

/// Who is told now, and when the others are looked at again.
#[derive(Default)]
struct Turns {
    tasks: JoinSet<Ended>,
    /// Whom each task tells.
    told_by: HashMap<Id, String>,
    /// Sinks that are told now; `true` when there may be more for them than they were started with.
    busy: HashMap<String, bool>,
    /// When a Sink is looked at again; one without an entry at once.
    at: HashMap<String, Instant>,
}

/// The delivering task of the daemon.
pub(super) struct Delivering {
    inputs: watch::Sender<Arc<Inputs>>,
    task: JoinHandle<()>,
}

impl Delivering {
    /// Starts to tell the Sinks of `inputs`.
    pub(super) fn start(engine: &Arc<Engine>, inputs: &Arc<Inputs>) -> Self {
        let (sender, receiver) = watch::channel(Arc::clone(inputs));
        Self { inputs: sender, task: tokio::spawn(run(Arc::clone(engine), receiver)) }
    }

    /// Goes on with the Sinks of `inputs`.
    pub(super) fn reload(&self, inputs: &Arc<Inputs>) {
        let _ = self.inputs.send(Arc::clone(inputs));
    }

    /// Starts nothing more and lets the requests under way end until then.
    pub(super) async fn end(self, engine: &Engine, end: Instant) {
        engine.post.stop();
        drop(self.inputs);
        let _ = timeout_at(end, self.task).await;
    }
}

/// Ends with the sender of the inputs.
async fn run(engine: Arc<Engine>, mut inputs: watch::Receiver<Arc<Inputs>>) {
    let mut turns = Turns::default();
    let mut current = Arc::clone(&inputs.borrow_and_update());
    let mut sinks = Receivers::of(&current);
    loop {
        if let Err(error) = turns.start(&engine, &current, &sinks, TURN).await {
            turns.failed(&engine, &error).await;
        }
        let next = turns.next();
        tokio::select! {
            changed = inputs.changed() => match changed {
                Ok(()) => {
                    current = Arc::clone(&inputs.borrow_and_update());
                    sinks = Receivers::of(&current);
                    turns.news();
                }
                Err(_) => break,
            },
            Some(ended) = turns.tasks.join_next_with_id() => turns.take(&engine, ended).await,
            () = engine.post.rung() => turns.news(),
            () = sleep_until(next) => {}
        }
    }
    while turns.tasks.join_next().await.is_some() {}
}

impl Turns {
    /// Starts to tell every Sink that nobody tells now and whose time has come; requests are begun for as long as `turn`.
    async fn start(
        &mut self,
        engine: &Arc<Engine>,
        inputs: &Arc<Inputs>,
        sinks: &Receivers,
        turn: Duration,
    ) -> Result<(), Arc<StoreError>> {
        let now = Instant::now();
        self.at.retain(|receiver, _| sinks.known.contains(receiver));
        let ready = |receiver: &String| !self.busy.contains_key(receiver) && self.at.get(receiver).is_none_or(|at| *at <= now);
        let due: Vec<&(String, Arc<DesiredSink>)> = sinks.sinks.iter().filter(|(receiver, _)| ready(receiver)).collect();
        if due.is_empty() {
            return Ok(());
        }
        forget(engine, sinks.known.iter()).await?;
        let notices = Arc::new(notices(engine, inputs).await?);
        for (receiver, sink) in due {
            let (engine, inputs, notices) = (Arc::clone(engine), Arc::clone(inputs), Arc::clone(&notices));
            let (own, sink) = (receiver.clone(), Arc::clone(sink));
            let task = self.tasks.spawn(async move { (own, tell(&engine, &inputs, &sink, &notices, now + turn).await) });
            self.told_by.insert(task.id(), receiver.clone());
            self.busy.insert(receiver.clone(), false);
        }
        Ok(())
    }

    /// Everybody is looked at again.
    fn news(&mut self) {
        self.at.clear();
        self.busy.values_mut().for_each(|more| *more = true);
    }

    async fn take(&mut self, engine: &Engine, ended: Result<(Id, Ended), JoinError>) {
        match ended {
            Ok((id, (sink, result))) => {
                self.told_by.remove(&id);
                let more = self.busy.remove(&sink) == Some(true);
                let wait = match &result {
                    Ok(_) if more => {
                        self.at.remove(&sink);
                        return;
                    }
                    Ok(Some(next)) => {
                        let millis = next.as_millisecond().saturating_sub((engine.now)().as_millisecond());
                        Duration::from_millis(u64::try_from(millis).unwrap_or(0)).clamp(PAUSE, LOOK)
                    }
                    Ok(None) => LOOK,
                    Err(_) => BACK_OFF,
                };
                self.at.insert(sink, Instant::now() + wait);
                if let Err(error) = result {
                    engine.tell(&Event::StoreFailed(error.to_string()));
                }
            }
            // A task that panicked is a bug; its hold runs out. The others are at their Sinks still.
            Err(error) => {
                if let Some(sink) = self.told_by.remove(&error.id()) {
                    self.busy.remove(&sink);
                }
                engine.tell(&Event::StoreFailed(format!("a delivery ended early: {error}")));
                sleep(BACK_OFF).await;
            }
        }
    }

    async fn failed(&self, engine: &Engine, error: &StoreError) {
        engine.tell(&Event::StoreFailed(error.to_string()));
        sleep(BACK_OFF).await;
    }

    /// When the first Sink is to be looked at again.
    fn next(&self) -> Instant {
        let latest = Instant::now() + LOOK;
        self.at.iter().filter(|(sink, _)| !self.busy.contains_key(*sink)).map(|(_, at)| *at).min().unwrap_or(latest).min(latest)
    }
}

/// Tells every Sink once what is due, within [`ONCE`] or before the deadline; what is left waits for the next pass. Returns the Sinks
/// that do not accept what waits for them: name, and why.
///
/// # Errors
/// The store's.
pub(super) async fn deliver_once(engine: &Arc<Engine>, inputs: &Arc<Inputs>) -> Result<Vec<(String, String)>, Arc<StoreError>> {
    let sinks = &inputs.desired.sinks;
    if sinks.is_empty() {
        return Ok(Vec::new());
    }
    let mut turns = Turns::default();
    turns.start(engine, inputs, &Receivers::of(inputs), ONCE.saturating_sub(TRY)).await?;
    let mut failed = None;
    let all = async {
        while let Some(ended) = turns.tasks.join_next().await {
            if let Ok((_, Err(error))) = ended {
                failed = Some(error);
            }
        }
    };
    let _ = timeout(engine.time_to_tell(ONCE), all).await;
    turns.tasks.shutdown().await;
    if let Some(error) = failed {
        return Err(error);
    }
    let mut troubles = Vec::new();
    for sink in sinks.values() {
        // What was cut short holds the Sink still.
        engine.store.leave_sink(sink.receiver(), engine.holder.clone()).await?;
        let ledger = engine.store.ledger(sink.receiver()).await?;
        if !sink.suspend && ledger.trouble().is_some() {
            troubles.push((sink.title(), ledger.health.message));
        }
    }
    Ok(troubles)
}
