//! The daemon: follow the manifests, run what is due, until told to stop.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::bury::bury;
use super::calls::{Calls, Stance};
use super::delivering::Delivering;
use super::hints::Hints;
use super::keep::{drop_old, sign};
use super::look::{Looked, look};
use super::problems;
use super::reconcile::last_evidence;
use super::refuse::{Refused, refuse};
use super::rest::rest;
use super::stop::{GRACE, STOPS_WITHIN};
use super::work::{TargetKey, admitted};
use super::{Engine, Event, Inputs, load, source_id};
use crate::api::{Digest, LastEvidence, PairId, Severity};
use crate::plan::{Mode, Planning, Why, planning};
use crate::source;
use crate::store::StoreError;

/// How often the manifests are read again without any hint.
const RESCAN: Duration = Duration::from_secs(30);
/// Quiet that ends a burst of hints.
const QUIET: Duration = Duration::from_millis(300);
/// Longest burst: a directory that never falls quiet is read all the same.
const BURST_MAX: Duration = Duration::from_secs(5);
/// Pause before a Target is looked at again after another process held it or the store failed.
const BACK_OFF: Duration = Duration::from_secs(1);
/// Longest sleep: a wall clock that was stepped is noticed within this time.
const SLEEP_MAX: Duration = Duration::from_secs(10);
/// How often the log is signed when it has grown.
const SIGN: Duration = Duration::from_mins(1);
/// How often it is looked whether old evidence is to be dropped: a few look-ups, and little is written meanwhile.
const DROP: Duration = Duration::from_secs(5);
/// Of the time to stop, what is kept for giving claims back.
const LAST_MOMENTS: Duration = Duration::from_secs(1);

/// Follows `paths` and runs on schedule until `shutdown` resolves; then Targets that wait for their turn are not looked at any more,
/// and runs in progress may end within [`GRACE`]. What takes longer is ended without a record, as by [`Engine::stop`], and every
/// claim is given back.
///
/// # Errors
/// The store's, at the start only: later failures are told and tried again.
pub async fn watch(engine: &Arc<Engine>, paths: &[PathBuf], shutdown: impl Future<Output = ()>) -> Result<(), Arc<StoreError>> {
    tokio::pin!(shutdown);
    let mut hints = Hints::watch(paths);
    let mut daemon = Daemon::start(engine, paths).await?;
    let mut rescan = Instant::now() + RESCAN;
    let mut upkeep = Upkeep::start(engine);
    let delivering = Delivering::start(engine, &daemon.inputs);
    loop {
        let wait = daemon.dispatch();
        tokio::select! {
            () = &mut shutdown => break,
            Some(ended) = daemon.tasks.join_next() => {
                daemon.take(ended);
                // What is due is computed over all pairs, so once for all that have ended.
                while let Some(ended) = daemon.tasks.try_join_next() {
                    daemon.take(ended);
                }
            }
            () = hints.next() => {
                settle(&mut hints).await;
                daemon.reload().await;
                delivering.reload(&daemon.inputs);
                rescan = Instant::now() + RESCAN;
            }
            () = engine.rescan.notified() => {
                daemon.reload().await;
                rescan = Instant::now() + RESCAN;
            }
            () = sleep_until(rescan) => {
                daemon.reload().await;
                delivering.reload(&daemon.inputs);
                rescan = Instant::now() + RESCAN;
            }
            () = sleep_until(upkeep.next) => upkeep.turn(engine),
            () = daemon.calls.turn() => {}
            () = sleep(wait) => {}
        }
    }
    daemon.stopping.store(true, Ordering::Relaxed);
    let end = Instant::now() + STOPS_WITHIN - LAST_MOMENTS;
    daemon.end().await;
    daemon.calls.touch();
    let last = async {
        daemon.calls.end().await;
        upkeep.end(engine).await;
    };
    let (late, ()) = tokio::join!(timeout_at(end, last), delivering.end(engine, end));
    if late.is_err() {
        tracing::warn!("the store takes too long: what changed last is not looked at any more");
    }
    engine.give_up().await?;
    Ok(())
}

/// The log is signed at the start, at the end and in between; what is too old is dropped. Beside the rounds: dropping takes a while.
struct Upkeep {
    next: Instant,
    next_sign: Instant,
    task: JoinHandle<()>,
}

impl Upkeep {
    fn start(engine: &Arc<Engine>) -> Self {
        let now = Instant::now();
        Self { next: now + DROP, next_sign: now + SIGN, task: upkeep(engine, true, true) }
    }

    fn turn(&mut self, engine: &Arc<Engine>) {
        let now = Instant::now();
        self.next = now + DROP;
        if !self.task.is_finished() {
            return;
        }
        let signs = now >= self.next_sign;
        if signs {
            self.next_sign = now + SIGN;
        }
        self.task = upkeep(engine, true, signs);
    }

    async fn end(self, engine: &Arc<Engine>) {
        let _ = self.task.await;
        let _ = upkeep(engine, false, true).await;
    }
}

fn upkeep(engine: &Arc<Engine>, drops: bool, signs: bool) -> JoinHandle<()> {
    let engine = Arc::clone(engine);
    tokio::spawn(async move {
        let dropped = if drops { drop_old(&engine).await } else { Ok(false) };
        // What was dropped is sealed in the log, and the seal is signed.
        let signed = if signs || matches!(dropped, Ok(true)) { sign(&engine).await.err() } else { None };
        for error in [dropped.err(), signed].into_iter().flatten() {
            engine.tell(&Event::StoreFailed(error.to_string()));
        }
    })
}

/// Waits until a burst of hints has ended.
async fn settle(hints: &mut Hints) {
    let end = Instant::now() + BURST_MAX;
    while Instant::now() < end {
        let quiet = (Instant::now() + QUIET).min(end);
        if timeout_at(quiet, hints.next()).await.is_err() {
            break;
        }
    }
}

/// The end of one Target's round.
type Ended = (TargetKey, Result<Looked, Arc<StoreError>>);

struct Daemon {
    engine: Arc<Engine>,
    paths: Vec<PathBuf>,
    inputs: Arc<Inputs>,
    last: HashMap<PairId, LastEvidence>,
    busy: HashSet<TargetKey>,
    /// Denials that are in the log or on their way there: plan and policy.
    denied: HashMap<PairId, (Digest, Digest)>,
    tasks: JoinSet<Ended>,
    calls: Calls,
    /// Whether whoever still waits for a place goes home instead.
    stopping: Arc<AtomicBool>,
}

impl Daemon {
    async fn start(engine: &Arc<Engine>, paths: &[PathBuf]) -> Result<Self, Arc<StoreError>> {
        let inputs = Arc::new(read(engine, paths).await?);
        bury(engine, &inputs).await?;
        let states = engine.store.states().await?;
        rest(engine, &inputs, &states).await?;
        let last = last_evidence(&states);
        told(engine, &inputs);
        Ok(Self {
            engine: Arc::clone(engine),
            paths: paths.to_vec(),
            inputs,
            last,
            busy: HashSet::new(),
            denied: HashMap::new(),
            tasks: JoinSet::new(),
            calls: Calls::new(engine),
            stopping: Arc::default(),
        })
    }

    /// Starts what is due on Targets that nobody looks at, and says how long nothing else will be.
    fn dispatch(&mut self) -> Duration {
        let now = (self.engine.now)();
        let planning = planning(&self.inputs.desired, &self.last, now, Mode::Watch);
        let wait = next_wait(&planning, &self.busy, now);
        let late = latest(&planning, &self.busy, now);
        let mut started = 0;
        let (work, refused) = admitted(planning, &self.inputs.judge);
        self.refuse(refused);
        for (key, work) in work {
            if !self.busy.insert(key.clone()) {
                continue;
            }
            started += 1;
            let (engine, inputs, stopping) = (Arc::clone(&self.engine), Arc::clone(&self.inputs), Arc::clone(&self.stopping));
            self.tasks.spawn(async move {
                let result = match engine.places.enter().await {
                    Some(place) if !stopping.load(Ordering::Relaxed) => look(&engine, &inputs, work, Mode::Watch, place).await,
                    Some(_) | None => Ok(Looked::default()),
                };
                let wait = match &result {
                    Ok(looked) if looked.tally.busy + looked.tally.lost == 0 => Duration::ZERO,
                    // Another process is at it, or the store is in trouble: neither gets better by asking often.
                    Ok(_) | Err(_) => BACK_OFF,
                };
                sleep(wait).await;
                (key, result)
            });
        }
        self.engine.tell(&Event::Ticked { started, late: late.filter(|_| started > 0) });
        wait
    }

    /// Seals denials beside the rounds. Only those that are news: what is refused stays due, and comes by with every dispatch.
    fn refuse(&mut self, mut refused: Vec<Refused>) {
        refused.retain(|refused| self.denied.insert(refused.pair.id.clone(), refused.terms()) != Some(refused.terms()));
        if refused.is_empty() {
            return;
        }
        let (engine, inputs) = (Arc::clone(&self.engine), Arc::clone(&self.inputs));
        tokio::spawn(async move {
            if let Err(error) = refuse(&engine, &inputs, refused).await {
                engine.tell(&Event::StoreFailed(error.to_string()));
            }
        });
    }

    /// Takes the end of one Target's round.
    fn take(&mut self, ended: Result<Ended, JoinError>) {
        match ended {
            Ok((key, Ok(looked))) => {
                self.busy.remove(&key);
                self.calls.learn(looked.states.iter().map(|state| (state.pair.clone(), Stance::of(state))));
                self.last.extend(looked.states.into_iter().filter_map(|state| Some((state.pair, state.last?))));
            }
            Ok((key, Err(error))) => {
                self.busy.remove(&key);
                self.engine.tell(&Event::StoreFailed(error.to_string()));
            }
            Err(error) => {
                // A task that panicked is a bug; which Target it was is unknown, so all may be looked at again: claims hold.
                self.busy.clear();
                self.engine.tell(&Event::StoreFailed(format!("a task ended early: {error}")));
            }
        }
    }

    /// Reads the manifests again; keeps what is running when they are the same.
    async fn reload(&mut self) {
        let secrets = Arc::clone(&self.engine.open.secrets);
        match tokio::task::spawn_blocking(move || secrets.refresh()).await {
            Ok(Ok(())) => {}
            // Whoever needs it says so again; the others go on.
            Ok(Err(error)) => tracing::error!("{error}; {}", error.help),
            Err(error) => tracing::error!("secrets were not read: {error}"),
        }
        match read(&self.engine, &self.paths).await {
            Ok(mut inputs) => {
                let changed = inputs.digest != self.inputs.digest;
                inputs.keep_last_good(&self.inputs);
                self.inputs = Arc::new(inputs);
                if changed {
                    told(&self.engine, &self.inputs);
                    self.calls.touch();
                }
                match bury(&self.engine, &self.inputs).await {
                    Ok(buried) => {
                        if !buried.is_empty() {
                            self.calls.touch();
                        }
                        for pair in &buried {
                            self.last.remove(pair);
                        }
                    }
                    Err(error) => self.engine.tell(&Event::StoreFailed(error.to_string())),
                }
                if changed && let Err(error) = self.rest().await {
                    self.engine.tell(&Event::StoreFailed(error.to_string()));
                }
            }
            Err(error) => self.engine.tell(&Event::StoreFailed(error.to_string())),
        }
    }
}

impl Daemon {
    /// Lets runs in progress end, and ends those that do not.
    async fn end(&mut self) {
        let engine = Arc::clone(&self.engine);
        if timeout(GRACE, all(&mut self.tasks)).await.is_ok() {
            return;
        }
        tracing::warn!(targets = self.tasks.len(), "runs in progress take too long: ended without a record");
        if engine.stop(all(&mut self.tasks)).await.is_none() {
            self.tasks.shutdown().await;
        }
    }

    /// Seals the suspensions that new manifests brought.
    async fn rest(&self) -> Result<usize, Arc<StoreError>> {
        let states = self.engine.store.states().await?;
        rest(&self.engine, &self.inputs, &states).await
    }
}

async fn all(tasks: &mut JoinSet<Ended>) {
    while tasks.join_next().await.is_some() {}
}

fn told(engine: &Engine, inputs: &Inputs) {
    let errors = inputs.desired.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    engine.tell(&Event::Reloaded { pairs: inputs.desired.pairs.len(), errors });
    problems::tell(&inputs.desired.problems);
}

async fn read(engine: &Arc<Engine>, paths: &[PathBuf]) -> Result<Inputs, Arc<StoreError>> {
    let owned = paths.to_vec();
    let snapshot =
        tokio::task::spawn_blocking(move || source::load(&owned, None)).await.map_err(|_| Arc::new(StoreError::Closed))?;
    let inputs = load(engine, &snapshot, &source_id(paths)).await?;
    // As they were read, before what they lost is taken over from the last good ones.
    inputs.publish(engine).await?;
    Ok(inputs)
}

/// How long ago the slot was of the pair that has been due longest, among those whose Targets nobody looks at.
fn latest(planning: &Planning, busy: &HashSet<TargetKey>, now: Timestamp) -> Option<SignedDuration> {
    planning
        .entries
        .iter()
        .filter(|entry| entry.timing.why == Why::Due)
        .filter(|entry| !busy.contains(&(entry.pair.id.namespace.clone(), entry.pair.id.target.clone())))
        .filter_map(|entry| entry.timing.next)
        .min()
        .map(|slot| now.duration_since(slot))
}

/// How long until the next pair of a Target that nobody looks at is due.
fn next_wait(planning: &Planning, busy: &HashSet<TargetKey>, now: Timestamp) -> Duration {
    planning
        .entries
        .iter()
        .filter(|entry| !busy.contains(&(entry.pair.id.namespace.clone(), entry.pair.id.target.clone())))
        .filter_map(|entry| entry.timing.next)
        .filter(|next| *next > now)
        .min()
        .map_or(SLEEP_MAX, |next| {
            let millis = u64::try_from(next.as_millisecond() - now.as_millisecond()).unwrap_or(0);
            Duration::from_millis(millis.max(1)).min(SLEEP_MAX)
        })
}
