//! The daemon: follow the manifests, run what is due, until told to stop.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::agenda::{Agenda, TargetDue};
use super::asked::{Requests, wish};
use super::bury::bury;
use super::calls::{Calls, Stance};
use super::delivering::Delivering;
use super::following::{Following, News};
use super::look::{Looked, look};
use super::place::lanes;
use super::refuse::{Refused, refuse_all};
use super::rest::rest;
use super::silent::Silent;
use super::stop::{GRACE, STOPS_WITHIN};
use super::upkeep::Upkeep;
use super::work::{TargetKey, admitted_of};
use super::{Engine, Event, Inputs};
use crate::api::{Digest, LastEvidence, PairId};
use crate::plan::Mode;
use crate::store::StoreError;

/// Pause before a Target is looked at again after another process held it or the store failed.
const BACK_OFF: Duration = Duration::from_secs(1);
/// Pairs whose plans and runs are in memory at once: after a start all are due, each with a hundred others of its Target.
const PAIRS_UNDER_WAY: usize = 4096;
/// Longest sleep: a wall clock that was stepped is noticed within this time.
const SLEEP_MAX: Duration = Duration::from_secs(10);
/// Of the time to stop, what is kept for giving claims back.
const LAST_MOMENTS: Duration = Duration::from_secs(1);
/// A wall clock that goes by more than this otherwise than the monotonic one was stepped.
const STEP: Duration = Duration::from_secs(1);

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
        if Instant::now() >= daemon.turn {
            daemon.dispatch();
        }
        tokio::select! {
            () = &mut shutdown => break,
            Some(ended) = daemon.tasks.join_next() => {
                daemon.take(ended);
                while let Some(ended) = daemon.tasks.try_join_next() {
                    daemon.take(ended);
                }
                daemon.await_next();
            }
            news = following.next() => daemon.reload(news, &delivering),
            Some(buried) = daemon.following_up.join_next() => daemon.forget(&buried.unwrap_or_default()),
            () = sleep_until(upkeep.next) => upkeep.turn(engine),
            () = daemon.calls.turn() => {}
            () = daemon.requests.turn() => daemon.ask(),
            () = engine.wake.notified() => daemon.dispatch(),
            () = sleep_until(daemon.turn) => {}
        }
    }
    following.end().await;
    daemon.stopping.store(true, Ordering::Relaxed);
    daemon.over.store(true, Ordering::Relaxed);
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

/// The end of one Target's round.
struct Ended {
    key: TargetKey,
    /// What its pairs are positions in.
    inputs: Arc<Inputs>,
    pairs: Vec<u32>,
    refused: Vec<Refused>,
    result: Result<Looked, Arc<StoreError>>,
}

struct Daemon {
    engine: Arc<Engine>,
    inputs: Arc<Inputs>,
    agenda: Agenda,
    /// When to look for what is due, at the latest.
    turn: Instant,
    /// The last turn, on both clocks.
    turned: (Instant, Timestamp),
    busy: HashSet<TargetKey>,
    /// Denials that are in the log or on their way there: plan and policy. A pair that has run since is denied anew.
    denied: HashMap<PairId, (Digest, Digest)>,
    /// Whether the manifests are in force no more under which they were refused; what is on its way then is forgotten.
    over: Arc<AtomicBool>,
    tasks: JoinSet<Ended>,
    /// Records what follows from new manifests; says which pairs are buried.
    following_up: JoinSet<Vec<PairId>>,
    /// Room for [`PAIRS_UNDER_WAY`].
    room: Arc<Semaphore>,
    calls: Calls,
    requests: Requests,
    silent: Silent,
    /// Whether whoever still waits for a place goes home instead.
    stopping: Arc<AtomicBool>,
}

impl Daemon {
    async fn start(engine: &Arc<Engine>, inputs: Arc<Inputs>) -> Result<Self, Arc<StoreError>> {
        let (last, _) = known(engine).await?;
        let now = (engine.now)();
        let agenda = Agenda::new(&inputs.desired.pairs, last, now);
        Ok(Self {
            engine: Arc::clone(engine),
            inputs,
            agenda,
            turn: Instant::now(),
            turned: (Instant::now(), now),
            busy: HashSet::new(),
            denied: HashMap::new(),
            over: Arc::default(),
            tasks: JoinSet::new(),
            following_up: JoinSet::new(),
            room: Arc::new(Semaphore::new(PAIRS_UNDER_WAY)),
            calls: Calls::new(engine),
            requests: Requests::start(engine),
            silent: Silent::default(),
            stopping: Arc::default(),
        })
    }

    /// Starts what is due on Targets that nobody looks at.
    fn dispatch(&mut self) {
        let (clock, now) = (Instant::now(), (self.engine.now)());
        if self.was_stepped(clock, now) {
            self.agenda.weigh_all(&self.inputs.desired.pairs, now);
        }
        self.turned = (clock, now);
        let rests = |key: &TargetKey| self.silent.rest(key, clock);
        let due = self.agenda.due(&self.inputs.desired.pairs, &self.busy, rests, now);
        let started = due.targets.len();
        for target in due.targets {
            self.busy.insert(target.key.clone());
            let silent = self.silent.contains(&target.key);
            let (engine, inputs, stopping) = (Arc::clone(&self.engine), Arc::clone(&self.inputs), Arc::clone(&self.stopping));
            let room = Arc::clone(&self.room);
            self.tasks.spawn(async move {
                let (result, refused) = one_turn(&engine, &inputs, &target, (silent, &room), &stopping).await;
                let wait = match &result {
                    Ok(looked) if looked.tally.busy + looked.tally.lost == 0 => Duration::ZERO,
                    // Another process is at it, or the store is in trouble: neither gets better by asking often.
                    Ok(_) | Err(_) => BACK_OFF,
                };
                // Even no time at all would be a turn of the timer.
                if !wait.is_zero() {
                    sleep(wait).await;
                }
                Ended { key: target.key, inputs, pairs: target.pairs, refused, result }
            });
        }
        self.engine.tell(&Event::Ticked { started, late: due.late });
        self.await_next();
    }

    /// Runs are asked for; who waits for an answer does not wait for a turn.
    fn ask(&mut self) {
        self.agenda.ask(&self.inputs.desired.pairs, self.requests.open(), (self.engine.now)());
        self.dispatch();
    }

    /// Says when to look for what is due: when the next pair is, and not right after the last time.
    fn await_next(&mut self) {
        let now = (self.engine.now)();
        let wait = self.agenda.next().map_or(SLEEP_MAX, |next| {
            let millis = next.as_millisecond().saturating_sub(now.as_millisecond());
            Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(SLEEP_MAX)
        });
        self.turn = (Instant::now() + wait).max(self.turned.0 + self.agenda.pause()).min(self.turned.0 + SLEEP_MAX);
    }

    /// Whether the wall clock was stepped since the last turn, or the machine slept.
    fn was_stepped(&self, clock: Instant, now: Timestamp) -> bool {
        let (before, then) = self.turned;
        let passed = SignedDuration::try_from(clock.duration_since(before)).unwrap_or(SignedDuration::MAX);
        now.duration_since(then).saturating_sub(passed).unsigned_abs() > STEP
    }

    /// Seals denials beside the rounds. Only those that are news: what is refused comes by again with all new manifests.
    fn refuse(&mut self, inputs: &Arc<Inputs>, mut refused: Vec<Refused>) {
        self.requests.give_up(refused.iter().map(|refused| &refused.pair.id));
        refused.retain(|refused| self.denied.insert(refused.pair.id.clone(), refused.terms()) != Some(refused.terms()));
        if refused.is_empty() {
            return;
        }
        tokio::spawn(refuse_all(Arc::clone(&self.engine), Arc::clone(inputs), refused, Arc::clone(&self.over)));
    }

    /// Takes the end of one Target's round.
    fn take(&mut self, ended: Result<Ended, JoinError>) {
        let now = (self.engine.now)();
        let pairs = &self.inputs.desired.pairs;
        match ended {
            Ok(Ended { key, inputs, pairs: looked_at, refused, result }) => {
                self.busy.remove(&key);
                match result {
                    Ok(looked) => {
                        self.silent.learn(&key, &looked);
                        self.requests.forget(looked.states.iter().map(|state| &state.pair));
                        self.calls.learn(looked.states.iter().map(|state| (state.pair.clone(), Stance::of(state))));
                        for state in looked.states {
                            self.denied.remove(&state.pair);
                            self.agenda.learn(pairs, &state.pair, state.last);
                        }
                    }
                    Err(error) => self.engine.tell(&Event::StoreFailed(error.to_string())),
                }
                // Under new manifests all pairs were weighed anew, those included that were under way.
                if Arc::ptr_eq(&inputs, &self.inputs) {
                    for refused in &refused {
                        self.agenda.refuse(pairs, &refused.pair.id);
                    }
                    self.agenda.weigh_these(pairs, &looked_at, now);
                }
                self.agenda.free(pairs, &key, now);
                self.refuse(&inputs, refused);
            }
            Err(error) => {
                // A task that panicked is a bug; which Target it was is unknown, so all may be looked at again: claims hold.
                self.busy.clear();
                self.agenda.weigh_all(pairs, now);
                self.engine.tell(&Event::StoreFailed(format!("a task ended early: {error}")));
            }
        }
    }

    /// Goes on with new manifests; beside the rounds, what follows from them is recorded.
    fn reload(&mut self, news: News, delivering: &Delivering) {
        let News { inputs, settled } = news;
        let before = std::mem::replace(&mut self.inputs, Arc::clone(&inputs));
        if Arc::strong_count(&self.over) > 1 {
            // What was on its way may never have come: it comes by again, and the log says whether it holds it.
            self.denied.clear();
        }
        std::mem::take(&mut self.over).store(true, Ordering::Relaxed);
        self.agenda.renew(&before.desired.pairs, &inputs.desired.pairs, (self.engine.now)());
        self.agenda.ask(&inputs.desired.pairs, self.requests.open(), (self.engine.now)());
        self.silent.retain(|key| inputs.desired.targets.contains_key(key));
        self.calls.touch();
        delivering.reload(&inputs);
        // Whoever has edited something waits for it, and not for the next turn.
        self.dispatch();
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

    fn forget(&mut self, buried: &[PairId]) {
        if !buried.is_empty() {
            self.calls.touch();
        }
        for pair in buried {
            self.agenda.learn(&self.inputs.desired.pairs, pair, None);
        }
    }
}

/// Seals the tombstones and suspensions that new manifests brought. Which pairs were buried, and whether those are all: one that somebody
/// still works on is left to the next look.
async fn follow_up(engine: &Engine, inputs: &Inputs) -> Result<(Vec<PairId>, bool), Arc<StoreError>> {
    let wanted = inputs.publish(engine).await?.len();
    let buried = bury(engine, inputs).await?;
    wish(engine, inputs).await?;
    if inputs.desired.pairs.iter().any(|pair| pair.check.suspend || pair.target.suspend) {
        let (_, resting) = known(engine).await?;
        rest(engine, inputs, &resting).await?;
    }
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

/// The latest run of every pair, and the pairs of which the log says that they are suspended.
async fn known(engine: &Engine) -> Result<(HashMap<PairId, LastEvidence>, HashSet<PairId>), StoreError> {
    let briefs = engine.store.briefs(Some).await?;
    let resting = briefs.iter().filter(|brief| brief.suspended && !brief.removed).map(|brief| brief.pair.clone()).collect();
    Ok((briefs.into_iter().filter_map(|brief| Some((brief.pair, brief.last?))).collect(), resting))
}

/// Looks at the due pairs of one Target in its turn. Their plans are made no earlier than there is room for them: thousands of Targets may
/// wait. Who is asked for needs none.
async fn one_turn(
    engine: &Engine,
    inputs: &Inputs,
    due: &TargetDue,
    (silent, room): (bool, &Semaphore),
    stopping: &AtomicBool,
) -> (Result<Looked, Arc<StoreError>>, Vec<Refused>) {
    let size = if due.urgent { 0 } else { due.pairs.len().min(PAIRS_UNDER_WAY) };
    // Nobody closes it, so there is room in the end.
    let _room = room.acquire_many(u32::try_from(size).unwrap_or(0)).await;
    let wanted = due.pairs.iter().filter_map(|index| inputs.desired.pairs.get(*index as usize));
    let (work, refused) = admitted_of(wanted, (due.urgent, due.patient), &inputs.judge);
    let Some(work) = work else { return (Ok(Looked::default()), refused) };
    let looked = match engine.places.enter(work.key(), lanes(&work.plans, silent), work.urgent).await {
        Some(place) if !stopping.load(Ordering::Relaxed) => look(engine, inputs, work, Mode::Watch, place).await,
        Some(_) | None => Ok(Looked::default()),
    };
    (looked, refused)
}

async fn all(tasks: &mut JoinSet<Ended>) {
    while tasks.join_next().await.is_some() {}
}
