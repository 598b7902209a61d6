//! One pass, stage by stage.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::asked::wish;
use super::bury::bury;
use super::deadline::{Due, longest_waiting_first};
use super::delivering::deliver_once;
use super::epoch::Epoch;
use super::escalate::{Again, escalate, raises};
use super::keep::{drop_old, sign};
use super::lanes::Lanes;
use super::look::{Looked, look};
use super::refuse::refuse;
use super::rest::rest;
use super::shown::Shown;
use super::work::{TargetWork, admitted};
use super::{Engine, Event, Inputs, load, source_id};
use crate::api::{LastEvidence, PairId, Problem};
use crate::desired::Pair;
use crate::evidence::log::SignedCheckpoint;
use crate::plan::{Mode, Why, planning};
use crate::source;
use crate::status::{EscalationState, PairState, View, view};
use crate::store::StoreError;

/// How many runs did what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Runs that are durable, reruns not counted.
    pub ran: u64,
    /// Pairs whose evidence is recent enough, those included that another process has just run.
    pub fresh: u64,
    /// Reruns that are durable.
    pub reruns: u64,
    /// Pairs that another process works on.
    pub busy: u64,
    /// Runs whose claim had passed on.
    pub lost: u64,
}

impl Tally {
    pub(super) const fn add(&mut self, other: Self) {
        self.ran += other.ran;
        self.fresh += other.fresh;
        self.reruns += other.reruns;
        self.busy += other.busy;
        self.lost += other.lost;
    }
}

/// What one pass did and what stands afterwards.
#[derive(Debug)]
pub struct Report {
    /// How many runs did what.
    pub tally: Tally,
    /// Every desired pair as it stands now, in id order.
    pub views: Vec<View>,
    /// Targets that the pairs are about.
    pub targets: usize,
    /// Everything that is wrong with the manifests.
    pub problems: Vec<Problem>,
    /// Pairs that nobody wants any more and that got their tombstone in this pass.
    pub removed: Vec<PairId>,
    /// Manifest files read.
    pub files: usize,
    /// Every open Escalation, in the order of the names.
    pub escalations: Vec<EscalationState>,
    /// What the log was at the end, signed, or why it could not be; `None` when nobody said how.
    pub checkpoint: Option<Result<SignedCheckpoint, Arc<StoreError>>>,
    /// Sinks that do not accept what they are sent: `namespace/name`, and why.
    pub deaf: Vec<(String, String)>,
    /// How many pairs were due and were not looked at before the deadline: their views are `unknown` and say so, and nothing is
    /// recorded about them.
    pub left: usize,
}

/// One pass over the manifests at `paths`: what is due runs, everything else is shown as it stands.
///
/// # Errors
/// The store's. What was committed before stays.
pub async fn reconcile(engine: &Arc<Engine>, paths: &[PathBuf], mode: Mode) -> Result<Report, Arc<StoreError>> {
    let inputs = {
        let snapshot = source::load(paths, None); // reads files
        Arc::new(load(engine, &snapshot, &source_id(paths)).await?) // desired: pure; then the store's known objects
    };
    pass(engine, &inputs, mode).await
}

/// One pass over manifests that were read before.
///
/// # Errors
/// The store's. What was committed before stays.
pub async fn pass(engine: &Arc<Engine>, inputs: &Arc<Inputs>, mode: Mode) -> Result<Report, Arc<StoreError>> {
    let epoch = &Epoch::of_pass(inputs);
    wish(engine, inputs).await?; // annotations → store
    let (mut states, asked) = engine.store.ask(|db| Ok((db.states()?, db.requests()?))).await?; // reads the store
    let rested = rest(engine, epoch, &resting(&states)).await?.sealed; // evidence → store
    let now = (engine.now)();
    let planning = planning(&inputs.desired, &last_evidence(&states), now, mode).asked(|pair| asked.contains_key(pair), now); // pure
    let mut tally = Tally { fresh: fresh(&planning), ..Tally::default() };
    let (work, mut refused) = admitted(planning, &inputs.judge); // pure
    let vain: Vec<PairId> =
        refused.iter().map(|refused| &refused.pair.id).filter(|pair| asked.contains_key(*pair)).cloned().collect();
    if !vain.is_empty() {
        engine.store.forget_requests(vain).await?; // policy refuses, whoever asks
    }
    refused.retain(|refused| !refused.is_told(states.get(&refused.pair.id)));
    let mut work: Vec<TargetWork> = work.into_values().collect();
    let due = Due::of(engine, &work, &states); // empty without a deadline
    if !due.is_empty() {
        longest_waiting_first(&mut work, &states);
    }
    let changed = rested + refused.len() + work.len() > 0;
    refuse(engine, epoch, &refused).await?; // evidence → store
    let (mut learned, mut busy) = (HashMap::new(), Vec::new());
    let removed = if changed {
        states = HashMap::new();
        let looking = async {
            let looked = look_at_all(engine, epoch, work, mode).await;
            engine.places.begin();
            looked
        };
        let burying = async {
            engine.places.begun().await;
            bury_all(engine, epoch).await
        };
        // run → facts → evidence → reaction → store; beside it what is wanted, and no longer
        let (looked, removed) = tokio::join!(looking, burying);
        let looked = looked?;
        tally.add(looked.tally);
        busy = looked.busy;
        learned = looked.states.into_iter().map(|state| (state.pair.clone(), state)).collect();
        if learned.is_empty() || !inputs.desired.pairs.iter().all(|pair| learned.contains_key(&pair.id)) {
            learned.clear();
            states = engine.store.states().await?;
        }
        removed?
    } else {
        let removed = bury_all(engine, epoch).await?; // evidence → store
        if !removed.is_empty() {
            states = engine.store.states().await?;
        }
        removed
    };
    let state = |pair: &PairId| learned.get(pair).map(Box::as_ref).or_else(|| states.get(pair));
    let left = if engine.end_if_late() { due.left(&busy, state) } else { HashSet::new() };
    if engine.stop.is_said() {
        // What was ended counts for nothing; nobody need wait until its claim runs out.
        engine.give_up().await?;
    }
    let may_raise = if learned.is_empty() { states.values().any(raises) } else { learned.values().any(|state| raises(state)) };
    // reaction: pure; evidence → store
    let escalated = escalate(engine, learned.is_empty().then_some(&states), may_raise, Again::of(mode)).await?;
    // evidence → store; while it waits for the disk, status: pure
    let (kept, report) = tokio::join!(keep(engine), async { report(engine, inputs, state, (removed, &left), tally, mode) });
    // Taking thousands of states apart takes its time, and nobody waits for it.
    tokio::task::spawn_blocking(move || drop((states, learned)));
    let deaf = deliver_once(engine, inputs).await?; // store → notify → store
    Ok(Report { checkpoint: kept.transpose(), escalations: escalated.open.into_values().collect(), deaf, ..report })
}

/// What is too old goes, unless time has run out, and what stays is signed. When that fails the pass has happened all the same.
async fn keep(engine: &Engine) -> Result<Option<SignedCheckpoint>, Arc<StoreError>> {
    if !engine.end_if_late() {
        drop_old(engine).await?;
    }
    sign(engine).await
}

/// Buries what nobody wants any more; returns the pairs with a tombstone since now.
async fn bury_all(engine: &Engine, epoch: &Epoch) -> Result<Vec<PairId>, Arc<StoreError>> {
    let mut buried = Vec::new();
    bury(engine, epoch, |pairs| buried.extend(pairs)).await?;
    Ok(buried)
}

fn fresh(planning: &crate::plan::Planning) -> u64 {
    planning.entries.iter().map(|entry| u64::from(entry.timing.why == Why::Fresh)).sum()
}

/// Pairs of which the log says that they are suspended.
fn resting(states: &HashMap<PairId, PairState>) -> HashSet<PairId> {
    let told = states.iter().filter(|(_, state)| state.suspended && !state.removed);
    told.map(|(pair, _)| pair.clone()).collect()
}

/// The latest run of every pair.
fn last_evidence(states: &HashMap<PairId, PairState>) -> HashMap<PairId, LastEvidence> {
    states.iter().filter_map(|(pair, state)| Some((pair.clone(), state.last.clone()?))).collect()
}

/// Looks at every Target, each in its own task, so that a dead one delays nobody.
async fn look_at_all(engine: &Arc<Engine>, epoch: &Epoch, work: Vec<TargetWork>, mode: Mode) -> Result<Looked, Arc<StoreError>> {
    let mut tasks = JoinSet::new();
    engine.end_if_late();
    for work in work {
        let (engine, epoch) = (Arc::clone(engine), epoch.clone());
        tasks.spawn(async move {
            // Their plans are in memory already.
            let Some(place) = engine.places.enter(work.key(), (Lanes::of(&work.plans), work.urgent), 0).await else {
                return Ok(Looked::default());
            };
            look(&engine, &epoch, work, mode, place).await
        });
    }
    let mut looked = Looked::default();
    let mut failed = None;
    let (runs_end, all_ends) = (engine.runs_end(), engine.all_ends());
    tokio::pin!(runs_end, all_ends);
    loop {
        let result = tokio::select! {
            result = tasks.join_next() => match result {
                Some(result) => result,
                None => break,
            },
            () = &mut runs_end, if !engine.stop.is_said() => {
                engine.stop.say();
                continue;
            }
            // Sessions that do not close, and a store that does not answer: they have had their time.
            () = &mut all_ends => {
                tasks.shutdown().await;
                break;
            }
        };
        match result {
            Ok(Ok(one)) => looked.add(one),
            Ok(Err(error)) => {
                engine.tell(&Event::StoreFailed(error.to_string()));
                failed = Some(error);
            }
            // A task that panicked is a bug; its pairs stay as they were and their claims run out.
            Err(error) => engine.tell(&Event::StoreFailed(format!("a task ended early: {error}"))),
        }
    }
    failed.map_or(Ok(looked), Err)
}

fn report<'s>(
    engine: &Engine,
    inputs: &Inputs,
    state: impl Fn(&PairId) -> Option<&'s PairState>,
    (removed, left): (Vec<PairId>, &HashSet<PairId>),
    tally: Tally,
    mode: Mode,
) -> Report {
    let now = (engine.now)();
    let desired = &inputs.desired;
    let shown = Shown(&engine.redactor);
    let shown = |pair: &Pair| view(&inputs.wanted(shown, pair), state(&pair.id), now, mode);
    let views = desired.pairs.iter().map(|pair| if left.contains(&pair.id) { shown(pair).left() } else { shown(pair) }).collect();
    let mut targets: Vec<_> = desired.pairs.iter().map(|pair| (&pair.id.namespace, &pair.id.target)).collect();
    targets.sort();
    targets.dedup();
    Report {
        tally,
        views,
        targets: targets.len(),
        problems: desired.problems.clone(),
        removed,
        files: inputs.files,
        escalations: Vec::new(),
        checkpoint: None,
        deaf: Vec::new(),
        left: left.len(),
    }
}
