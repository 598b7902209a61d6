//! The daemon: follow the manifests, run what is due, until told to stop.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::agenda::Agenda;
use super::asked::Requests;
use super::calls::{Calls, Stance};
use super::delivering::Delivering;
use super::denials::Denials;
use super::epoch::{Epoch, Epochs};
use super::following::{Following, News};
use super::lateness::Lateness;
use super::look::Looked;
use super::probing::Probing;
use super::refuse::{Refused, Terms, terms};
use super::rounds::{Ended, round};
use super::settling::Settling;
use super::silent::Silent;
use super::stop::{GRACE, STOPS_WITHIN};
use super::upkeep::Upkeep;
use super::work::TargetKey;
use super::{Engine, Event, Inputs};
use crate::api::{LastEvidence, PairId};
use crate::store::StoreError;

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
/// The store's at the start: later failures are told and tried again. [`StoreError::Closed`] at any time: a bug has ended what records
/// runs, and only another process can go on.
pub async fn watch(engine: &Arc<Engine>, paths: &[PathBuf], shutdown: impl Future<Output = ()>) -> Result<(), Arc<StoreError>> {
    tokio::pin!(shutdown);
    let starting = async {
        let (following, inputs) = Following::start(engine, paths).await?;
        Ok::<_, Arc<StoreError>>((following, Daemon::start(engine, inputs).await?))
    };
    let (mut following, mut daemon) = tokio::select! {
        // Nothing has begun that would have to end.
        () = &mut shutdown => return Ok(()),
        started = starting => started?,
    };
    let (mut upkeep, mut probing) = (Upkeep::start(engine), Probing::start());
    let delivering = Delivering::start(engine, &daemon.epochs.current.inputs);
    let broken = engine.broken();
    tokio::pin!(broken);
    loop {
        if Instant::now() >= daemon.turn {
            daemon.dispatch();
        }
        tokio::select! {
            () = &mut shutdown => break,
            () = &mut broken => return Err(Arc::new(StoreError::Closed)),
            Some(ended) = daemon.rounds.join_next() => {
                daemon.take(ended);
                while let Some(ended) = daemon.rounds.try_join_next() {
                    daemon.take(ended);
                }
                daemon.await_next();
            }
            news = following.next() => daemon.reload(news, &delivering),
            buried = daemon.settling.buried() => daemon.forget(&buried),
            () = sleep_until(upkeep.next) => upkeep.turn(engine),
            () = sleep_until(probing.next) => probing.turn(engine),
            () = daemon.calls.turn() => {}
            () = daemon.requests.turn() => daemon.ask(),
            () = engine.wake.notified() => daemon.dispatch(),
            () = sleep_until(daemon.turn) => {}
        }
    }
    drop(probing);
    following.end().await;
    daemon.epochs.end();
    let end = Instant::now() + STOPS_WITHIN - LAST_MOMENTS;
    daemon.end().await;
    daemon.calls.touch();
    let last = async {
        daemon.settling.end().await;
        daemon.denials.end().await;
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

struct Daemon {
    engine: Arc<Engine>,
    epochs: Epochs,
    agenda: Agenda,
    /// When to look for what is due, at the latest.
    turn: Instant,
    /// The last turn, on both clocks.
    turned: (Instant, Timestamp),
    /// Targets with a round.
    busy: HashSet<TargetKey>,
    rounds: JoinSet<Ended>,
    denials: Denials,
    settling: Settling,
    calls: Calls,
    requests: Requests,
    silent: Silent,
    lateness: Lateness,
}

impl Daemon {
    async fn start(engine: &Arc<Engine>, inputs: Arc<Inputs>) -> Result<Self, Arc<StoreError>> {
        let (last, denied) = known(engine).await?;
        let now = (engine.now)();
        let agenda = Agenda::new(&inputs.desired.pairs, last, now);
        Ok(Self {
            engine: Arc::clone(engine),
            epochs: Epochs::begin(inputs),
            agenda,
            turn: Instant::now(),
            turned: (Instant::now(), now),
            busy: HashSet::new(),
            rounds: JoinSet::new(),
            denials: Denials::new(engine, denied),
            settling: Settling::new(engine),
            calls: Calls::new(engine),
            requests: Requests::start(engine),
            silent: Silent::default(),
            lateness: Lateness::default(),
        })
    }

    /// Starts what is due on Targets that nobody looks at.
    fn dispatch(&mut self) {
        let (clock, now) = (Instant::now(), (self.engine.now)());
        let epoch = &self.epochs.current;
        let pairs = &epoch.inputs.desired.pairs;
        if self.was_stepped(clock, now) {
            self.agenda.weigh_all(pairs, now);
        }
        self.turned = (clock, now);
        let rests = |key: &TargetKey| self.silent.rest(key, clock);
        let due = self.agenda.due(pairs, &self.busy, rests, now);
        let started = due.targets.len();
        for target in due.targets {
            self.busy.insert(target.key.clone());
            let silent = self.silent.contains(&target.key);
            self.rounds.spawn(round(Arc::clone(&self.engine), epoch.clone(), target, silent));
        }
        self.engine.tell(&Event::Ticked { started, late: due.late });
        if let Some(stale) = self.lateness.count(pairs, &self.agenda, self.denials.denied(), (now, clock)) {
            self.engine.tell(&stale);
        }
        self.await_next();
    }

    /// Runs are asked for; who waits for an answer does not wait for a turn.
    fn ask(&mut self) {
        self.ask_for_open();
        self.dispatch();
    }

    fn ask_for_open(&mut self) {
        let pairs = &self.epochs.current.inputs.desired.pairs;
        let refused = self.agenda.ask(pairs, self.requests.open(), (self.engine.now)());
        self.requests.give_up(refused.iter());
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

    /// Takes the end of one Target's round.
    fn take(&mut self, ended: Result<Ended, JoinError>) {
        let now = (self.engine.now)();
        match ended {
            Ok(Ended { key, epoch, pairs, refused, result }) => {
                self.busy.remove(&key);
                if !epoch.is_over() {
                    // Before the silence of the Target is weighed: what may not run does not shorten it.
                    for refused in &refused {
                        self.agenda.refuse(&epoch.inputs.desired.pairs, &refused.pair.id);
                    }
                }
                match result {
                    Ok(looked) => self.learn(&key, looked, &epoch),
                    Err(error) => self.engine.tell(&Event::StoreFailed(error.to_string())),
                }
                // In the next epoch all pairs were weighed anew, those included that were under way, and policy is asked again.
                if !epoch.is_over() {
                    self.conclude(&epoch, &pairs, refused, now);
                }
                self.agenda.free(&self.epochs.current.inputs.desired.pairs, &key, now);
            }
            Err(error) => {
                // A task that panicked is a bug; which Target it was is unknown, so all may be looked at again: claims hold.
                self.busy.clear();
                self.agenda.weigh_all(&self.epochs.current.inputs.desired.pairs, now);
                self.engine.tell(&Event::StoreFailed(format!("a task ended early: {error}")));
            }
        }
    }

    /// Takes what was recorded. That counts, whichever manifests it was for.
    fn learn(&mut self, key: &TargetKey, looked: Looked, epoch: &Epoch) {
        let inputs = &self.epochs.current.inputs;
        self.silent.learn(key, &looked, self.agenda.shortest(key));
        self.requests.forget(looked.states.iter().map(|state| &state.pair));
        self.calls.learn(looked.states.iter().map(|state| (state.pair.clone(), Stance::of(state))));
        if epoch.is_over() && looked.states.iter().any(|state| !inputs.runs(&state.pair)) {
            self.settling.again();
        }
        for state in looked.states {
            self.denials.forget(&state.pair);
            self.agenda.learn(&inputs.desired.pairs, &state.pair, state.last);
        }
    }

    /// Draws the conclusions of a round of the current epoch.
    fn conclude(&mut self, epoch: &Epoch, looked_at: &[u32], refused: Vec<Refused>, now: Timestamp) {
        let pairs = &epoch.inputs.desired.pairs;
        self.agenda.weigh_these(pairs, looked_at, now);
        self.requests.give_up(refused.iter().map(|refused| &refused.pair.id));
        let judged = looked_at.iter().filter_map(|index| pairs.get(*index as usize)).map(|pair| &pair.id);
        judged.filter(|pair| refused.iter().all(|refused| refused.pair.id != **pair)).for_each(|pair| self.denials.lift(pair));
        self.denials.seal(epoch, refused);
    }

    /// Goes on with new manifests.
    fn reload(&mut self, news: News, delivering: &Delivering) {
        let News { inputs, tried } = news;
        // The first news are of what is in force already: what has begun under it goes on.
        if !Arc::ptr_eq(&inputs, &self.epochs.current.inputs) {
            self.renew(&inputs, delivering);
        }
        self.settling.begin(&self.epochs.current, tried);
    }

    fn renew(&mut self, inputs: &Arc<Inputs>, delivering: &Delivering) {
        let before = self.epochs.next(Arc::clone(inputs));
        self.agenda.renew(&before.inputs.desired.pairs, &inputs.desired.pairs, (self.engine.now)());
        self.lateness.renew(&before.inputs.desired.pairs, &inputs.desired.pairs);
        self.ask_for_open();
        self.denials.renew(&self.epochs.current);
        self.silent.retain(|key| inputs.desired.targets.contains_key(key));
        self.calls.retain(|pair| inputs.wants(pair));
        self.engine.keep_held_up(|pair| inputs.wants(pair));
        delivering.reload(inputs);
        // Whoever has edited something waits for it, and not for the next turn.
        self.dispatch();
    }

    /// What is buried begins anew when it comes back.
    fn forget(&mut self, buried: &[PairId]) {
        self.calls.forget(buried);
        for pair in buried {
            self.denials.forget(pair);
            self.agenda.learn(&self.epochs.current.inputs.desired.pairs, pair, None);
        }
    }

    /// Lets runs in progress end, and ends those that do not.
    async fn end(&mut self) {
        let engine = Arc::clone(&self.engine);
        if timeout(GRACE, all(&mut self.rounds)).await.is_ok() {
            return;
        }
        tracing::warn!(targets = self.rounds.len(), "runs in progress take too long: ended without a record");
        if engine.stop(all(&mut self.rounds)).await.is_none() {
            self.rounds.shutdown().await;
        }
    }
}

/// The latest run of every pair, and the terms of the denials that the log holds.
async fn known(engine: &Engine) -> Result<(HashMap<PairId, LastEvidence>, HashMap<PairId, Terms>), StoreError> {
    let briefs = engine.store.briefs(|brief| {
        let denied = brief.denied.as_ref().filter(|_| !brief.removed).map(terms);
        Some((brief.pair, brief.last, denied))
    });
    let (mut last, mut denied) = (HashMap::new(), HashMap::new());
    for (pair, evidence, terms) in briefs.await? {
        denied.extend(terms.map(|terms| (pair.clone(), terms)));
        last.extend(evidence.map(|evidence| (pair, evidence)));
    }
    Ok((last, denied))
}

async fn all(rounds: &mut JoinSet<Ended>) {
    while rounds.join_next().await.is_some() {}
}
