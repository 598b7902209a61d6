//! The daemon: follow the manifests, run what is due, until told to stop.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::asked::{Requests, wish};
use super::bury::bury;
use super::calls::{Calls, Stance};
use super::delivering::Delivering;
use super::following::{Following, News};
use super::keep::{drop_old, sign};
use super::look::{Looked, look};
use super::place::lanes;
use super::reconcile::last_evidence;
use super::refuse::{Refused, refuse};
use super::rest::rest;
use super::silent::Silent;
use super::stop::{GRACE, STOPS_WITHIN};
use super::work::{TargetKey, admitted};
use super::{Duty, Engine, Event, Inputs};
use crate::api::{Digest, LastEvidence, PairId};
use crate::plan::{Mode, Planning, Why, planning};
use crate::store::StoreError;

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
    let (mut following, inputs) = Following::start(engine, paths).await?;
    let mut daemon = Daemon::start(engine, inputs).await?;
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
            news = following.next() => daemon.reload(news, &delivering),
            Some(buried) = daemon.following_up.join_next() => daemon.forget(buried.unwrap_or_default()),
            () = sleep_until(upkeep.next) => upkeep.turn(engine),
            () = daemon.calls.turn() => {}
            () = daemon.requests.turn() => {}
            () = sleep(wait) => {}
        }
    }
    following.end().await;
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
        let duty = Duty::Keeping;
        let done = match dropped {
            Ok(dropped) if dropped || signs => sign(&engine).await,
            Ok(_) => return,
            Err(error) => Err(error),
        };
        match done {
            Ok(_) => engine.tell(&Event::DutyDone(duty)),
            Err(error) => engine.tell(&Event::DutyFailed { duty, error: error.to_string() }),
        }
    })
}

/// The end of one Target's round.
type Ended = (TargetKey, Result<Looked, Arc<StoreError>>);

struct Daemon {
    engine: Arc<Engine>,
    inputs: Arc<Inputs>,
    last: HashMap<PairId, LastEvidence>,
    busy: HashSet<TargetKey>,
    /// Denials that are in the log or on their way there: plan and policy.
    denied: HashMap<PairId, (Digest, Digest)>,
    tasks: JoinSet<Ended>,
    /// Records what follows from new manifests; says which pairs are buried.
    following_up: JoinSet<Vec<PairId>>,
    calls: Calls,
    requests: Requests,
    silent: Silent,
    /// Whether whoever still waits for a place goes home instead.
    stopping: Arc<AtomicBool>,
}

impl Daemon {
    async fn start(engine: &Arc<Engine>, inputs: Arc<Inputs>) -> Result<Self, Arc<StoreError>> {
        let last = last_evidence(&engine.store.states().await?);
        Ok(Self {
            engine: Arc::clone(engine),
            inputs,
            last,
            busy: HashSet::new(),
            denied: HashMap::new(),
            tasks: JoinSet::new(),
            following_up: JoinSet::new(),
            calls: Calls::new(engine),
            requests: Requests::start(engine),
            silent: Silent::default(),
            stopping: Arc::default(),
        })
    }

    /// Starts what is due on Targets that nobody looks at, and says how long nothing else will be.
    fn dispatch(&mut self) -> Duration {
        let now = (self.engine.now)();
        let planning =
            planning(&self.inputs.desired, &self.last, now, Mode::Watch).asked(|pair| self.requests.contains(pair), now);
        let (monotonic, mut wait) = (Instant::now(), next_wait(&planning, &self.busy, now));
        let rests = |key: &TargetKey| self.silent.rest(key, monotonic);
        let late = latest(&planning, |key| self.busy.contains(key) || rests(key).is_some(), now);
        let mut started = 0;
        let (work, refused) = admitted(planning, &self.inputs.judge);
        self.refuse(refused);
        for (key, work) in work {
            if let Some(rest) = self.silent.rest(&key, monotonic).filter(|_| work.patient) {
                wait = wait.min(rest);
                continue;
            }
            if !self.busy.insert(key.clone()) {
                continue;
            }
            started += 1;
            let lanes = lanes(&work.plans, self.silent.contains(&key));
            let (engine, inputs, stopping) = (Arc::clone(&self.engine), Arc::clone(&self.inputs), Arc::clone(&self.stopping));
            self.tasks.spawn(async move {
                let result = match engine.places.enter(key.clone(), lanes, work.urgent).await {
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
        self.requests.give_up(refused.iter().map(|refused| &refused.pair.id));
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
                self.silent.learn(&key, &looked);
                self.requests.forget(looked.states.iter().map(|state| &state.pair));
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

    /// Goes on with new manifests; beside the rounds, what follows from them is recorded.
    fn reload(&mut self, news: News, delivering: &Delivering) {
        let News { inputs, settled } = news;
        self.inputs = Arc::clone(&inputs);
        self.silent.retain(|key| inputs.desired.targets.contains_key(key));
        self.calls.touch();
        delivering.reload(&inputs);
        let engine = Arc::clone(&self.engine);
        self.following_up.spawn(async move {
            let (buried, all) = follow_up(&engine, &inputs).await.unwrap_or_else(|error| {
                engine.tell(&Event::StoreFailed(error.to_string()));
                (Vec::new(), false)
            });
            let _ = settled.send(all);
            buried
        });
    }

    fn forget(&mut self, buried: Vec<PairId>) {
        if !buried.is_empty() {
            self.calls.touch();
        }
        for pair in &buried {
            self.last.remove(pair);
        }
    }
}

/// Seals the tombstones and suspensions that new manifests brought. Which pairs were buried, and whether those are all: one that somebody
/// still works on is left to the next look.
async fn follow_up(engine: &Engine, inputs: &Inputs) -> Result<(Vec<PairId>, bool), Arc<StoreError>> {
    let wanted = inputs.publish(engine).await?.len();
    let buried = bury(engine, inputs).await?;
    wish(engine, inputs).await?;
    let states = engine.store.states().await?;
    rest(engine, inputs, &states).await?;
    let all = buried.len() == wanted;
    Ok((buried, all))
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
}

async fn all(tasks: &mut JoinSet<Ended>) {
    while tasks.join_next().await.is_some() {}
}

/// How long ago the slot was of the pair that has been due longest, among those whose Targets need not wait.
fn latest(planning: &Planning, waits: impl Fn(&TargetKey) -> bool, now: Timestamp) -> Option<SignedDuration> {
    planning
        .entries
        .iter()
        .filter(|entry| entry.timing.why == Why::Due)
        .filter(|entry| !waits(&(entry.pair.id.namespace.clone(), entry.pair.id.target.clone())))
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
