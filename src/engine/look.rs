//! Looks at one Target: claim, run, record, commit, and once more where a reaction asks for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::epoch::Epoch;
use super::place::{Place, Reading};
use super::reconcile::Tally;
use super::record::{Binding, Parent, Recorded, record};
use super::work::TargetWork;
use super::{Engine, Event, Inputs};
use crate::admission::Admitted;
use crate::api::{Duration, PairId, TrackedFinding};
use crate::desired::{DesiredTarget, Pair, rerun};
use crate::evidence::{Agreement, Head, Sealed};
use crate::plan::{Between, Mode, Plan, gap, propose, timing};
use crate::reaction::Chain;
use crate::run::{Run, round};
use crate::status::PairState;
use crate::store::{Claim, Commit, LONGEST_CLAIM, Outcome, StoreError};

/// Added to the time-outs of a run and its reruns: waiting for a free place, connecting, committing.
const CLAIM_SLACK: SignedDuration = SignedDuration::from_secs(30);

/// A claimed pair on its way through a round.
#[derive(Debug, Default)]
struct Held {
    fence: i64,
    head: Head,
    /// What the pair remembers from before the run.
    tracked: Vec<TrackedFinding>,
    /// How the run comes about.
    chain: Chain,
    /// Of a rerun: what it belongs to.
    parent: Option<Asked>,
    agreement: Option<Agreement>,
    /// What is known of the time since the last run; `None` before the first run and for reruns.
    since: Option<Since>,
    /// The request that the run answers.
    request: Option<i64>,
}

/// Where a rerun comes from.
#[derive(Debug, Clone)]
struct Asked {
    /// The pair as the manifests have it.
    pair: Pair,
    parent: Parent,
}

/// The time since the last run of a pair.
#[derive(Debug, Clone, Copy)]
struct Since {
    last: Timestamp,
    suspended: bool,
    denied: bool,
    busy: bool,
}

impl Held {
    fn of(claim: Claim, engine: &Engine) -> Self {
        let busy = engine.was_held_up(&claim.pair);
        let Some(state) = claim.state else {
            return Self { fence: claim.fence, head: Head::empty(), request: claim.request, ..Self::default() };
        };
        let since = state.last.as_ref().map(|last| Since {
            last: last.started,
            suspended: state.suspended,
            denied: state.denied.is_some(),
            busy,
        });
        Self {
            fence: claim.fence,
            head: state.head(),
            tracked: state.tracked,
            agreement: state.agreement,
            since,
            request: claim.request,
            ..Self::default()
        }
    }
}

/// Runs the admitted plans of one Target and the reruns they lead to. Everything it reports is durable.
///
/// # Errors
/// The store's; runs that were not committed then count for nothing, and their claims are given back as soon as it works again.
pub(super) async fn look(
    engine: &Engine,
    epoch: &Epoch,
    work: TargetWork,
    mode: Mode,
    mut place: Place,
) -> Result<Looked, Arc<StoreError>> {
    let mut looked = Looked { began: Some(Instant::now()), ..Looked::default() };
    if engine.stop.is_said() {
        return Ok(looked);
    }
    let mut ours = claim(engine, epoch, work.plans, mode, &mut looked).await?;
    place.claimed();
    while !ours.0.is_empty() {
        let reading = place.reading(&ours.0).await;
        let still_wanted = keep_wanted(engine, epoch, ours).await;
        ours = one_round(engine, &epoch.inputs, &work.target, still_wanted, &reading, &mut looked).await?;
    }
    Ok(looked)
}

/// Plans with what is known of their pairs, which are claimed.
type Ours = (Vec<Plan<Admitted>>, HashMap<PairId, Held>);

/// Gives back what the manifests that are in force now would not have: a rerun may have waited for a while.
async fn keep_wanted(engine: &Engine, epoch: &Epoch, (plans, mut held): Ours) -> Ours {
    let (mut stays, mut gone) = (Vec::with_capacity(plans.len()), Vec::new());
    for plan in plans {
        match epoch.still(plan) {
            Ok(plan) => stays.push(plan),
            Err(pair) => gone.extend(held.remove_entry(&pair).map(|(pair, held)| (pair, held.fence))),
        }
    }
    engine.give_back(gone).await;
    (stays, held)
}

/// What looking at one Target led to.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) tally: Tally,
    /// When its first round began.
    pub(super) began: Option<Instant>,
    /// The states of its pairs, in the order in which they were learned.
    #[allow(clippy::vec_box, reason = "they come in boxes, and a list that grows would move more than a kilobyte of each")]
    pub(super) states: Vec<Box<PairState>>,
    /// Pairs that another process works on.
    pub(super) busy: Vec<PairId>,
}

impl Looked {
    pub(super) fn add(&mut self, other: Self) {
        self.tally.add(other.tally);
        self.states.extend(other.states);
        self.busy.extend(other.busy);
    }
}

/// Claims the pairs and looks again at those that somebody else may just have run. Nothing, when the epoch was over before they were ours:
/// then somebody may have sealed by now what follows from the next one.
async fn claim(
    engine: &Engine,
    epoch: &Epoch,
    plans: Vec<Plan<Admitted>>,
    mode: Mode,
    looked: &mut Looked,
) -> Result<Ours, Arc<StoreError>> {
    // Who waits for its turn in the round may wait for as long as all before it may take.
    let longest = plans.iter().map(|plan| plan.pair().check.timeout.as_millis()).max().unwrap_or(0);
    let waves = plans.len().div_ceil(engine.places.limits().per_target.max(1));
    let turns = Duration::from_millis(longest.saturating_mul(u64::try_from(waves).unwrap_or(u64::MAX)));
    let wanted = plans.iter().map(Plan::pair);
    let wanted = wanted.map(|pair| (pair.id.clone(), span(turns, engine.packs.reruns(&pair.check.intent.id)))).collect();
    let granted = engine.claimer.claim(wanted).await?;
    // The store may have kept it waiting, and somebody else has run since: what that left is from after the question, not from the future.
    let now = (engine.now)();
    if epoch.is_over() {
        engine.give_back(granted.into_iter().map(|claim| (claim.pair, claim.fence)).collect()).await;
        return Ok(Ours::default());
    }
    let mut granted: HashMap<PairId, Claim> = granted.into_iter().map(|claim| (claim.pair.clone(), claim)).collect();
    let mut kept = Vec::new();
    let mut ours = HashMap::new();
    let mut give_back = Vec::new();
    for plan in plans {
        let id = plan.pair().id.clone();
        let Some(claim) = granted.remove(&id) else {
            looked.tally.busy += 1;
            engine.hold_up(&id);
            looked.busy.push(id.clone());
            engine.tell(&Event::Busy(id));
            continue;
        };
        let last = claim.state.as_ref().and_then(|state| state.last.as_ref());
        if claim.request.is_none() && !timing(plan.pair(), plan.digest(), last, now, mode).why.runs() {
            looked.tally.fresh += 1;
            // Whoever held it has run it, so nothing was missed because of that.
            engine.was_held_up(&id);
            looked.states.extend(claim.state.map(Box::new));
            give_back.push((id, claim.fence));
            continue;
        }
        ours.insert(id, Held::of(claim, engine));
        kept.push(plan);
    }
    engine.give_back(give_back).await;
    Ok((kept, ours))
}

/// How long a claim is that covers one run on schedule, which may take until its turn has come and gone, and `reruns` that follow it. More runs
/// with longer time-outs than fit into [`LONGEST_CLAIM`] lose those at the end: whoever takes the pair over runs it again.
fn span(turns: Duration, reruns: u32) -> SignedDuration {
    let all = i64::try_from(turns.as_millis().saturating_mul(1 + u64::from(reruns))).unwrap_or(i64::MAX);
    SignedDuration::from_millis(all).saturating_add(CLAIM_SLACK).min(LONGEST_CLAIM)
}

/// A pair that a reaction asks to look at again, with what it carries into the next round.
type Again = (Plan<Admitted>, Held);

/// One round: every plan runs, every run is committed as soon as it ends. Returns the plans that a reaction asks to run again.
async fn one_round(
    engine: &Engine,
    inputs: &Inputs,
    target: &DesiredTarget,
    (plans, held): Ours,
    reading: &Reading,
    looked: &mut Looked,
) -> Result<Ours, Arc<StoreError>> {
    let (started, at_once) = (plans.len(), engine.places.limits().per_target);
    engine.in_flight.fetch_add(started, Ordering::SeqCst);
    let results = round(target, plans, at_once, &engine.open, &engine.now, &engine.stop, |run| async {
        // Others are read while this run waits for its commit.
        reading.done();
        match held.get(&run.plan.pair().id) {
            Some(mine) => commit(engine, inputs, run, mine).await,
            None => Ok(gone(engine)),
        }
    })
    .await;
    // What was stopped commits nothing, and its claim is given back with all others.
    engine.in_flight.fetch_sub(started.saturating_sub(results.len()), Ordering::SeqCst);
    let mut again = Vec::new();
    let mut again_held = HashMap::new();
    let mut failed = None;
    for result in results {
        match result {
            Err(error) => failed = Some(error),
            Ok(Committed::Lost) => looked.tally.lost += 1,
            Ok(Committed::Done { state, rerun, again: next }) => {
                *if rerun { &mut looked.tally.reruns } else { &mut looked.tally.ran } += 1;
                looked.states.push(state);
                if let Some((plan, next)) = next.map(|next| *next) {
                    again_held.insert(plan.pair().id.clone(), next);
                    again.push(plan);
                }
            }
        }
    }
    let Some(error) = failed else { return Ok((again, again_held)) };
    // Nobody works on them any more, and the store can not be told now.
    engine.claimer.abandon(held.into_iter().map(|(pair, held)| (pair, held.fence)));
    Err(error)
}

/// What became of a run.
enum Committed {
    /// It is durable.
    Done { state: Box<PairState>, rerun: bool, again: Option<Box<Again>> },
    /// The claim had passed on; it counts for nothing.
    Lost,
}

/// A run that nobody commits.
fn gone(engine: &Engine) -> Committed {
    engine.in_flight.fetch_sub(1, Ordering::SeqCst);
    Committed::Lost
}

/// Records a run and commits it; returns after it is durable.
async fn commit(engine: &Engine, inputs: &Inputs, run: Run, mine: &Held) -> Result<Committed, Arc<StoreError>> {
    #[cfg(feature = "bench")]
    if engine.discards_evidence() {
        std::hint::black_box(super::record::assess(&run, &engine.redactor));
        return Ok(gone(engine));
    }
    let pair = run.plan.pair().clone();
    let generation = match inputs.generation(engine, &pair.id).await {
        Ok(generation) => generation,
        Err(error) => {
            engine.in_flight.fetch_sub(1, Ordering::SeqCst);
            return Err(error.into());
        }
    };
    let gap = mine.since.and_then(|Since { last, suspended, denied, busy }| {
        let between = Between { last, now: run.started, process: engine.began, suspended, denied, busy };
        gap(&pair.check.cadence, &pair.id, &between)
    });
    let _desk = engine.committer.desk().await;
    let asked_by = mine.parent.as_ref();
    // A rerun is a new plan, admitted anew: the question that a rule names, on the Target of the pair.
    let replan = |intent: &str| {
        let asked = engine.profile.intents.get(intent).ok_or_else(|| format!("the profile has no intent `{intent}`"))?;
        let of = asked_by.map_or(&pair, |asked_by| &asked_by.pair);
        let again = rerun(of, asked).map_err(|why| format!("Target `{}` {why}", of.id.target))?;
        inputs.judge.admit(propose(&again)).map_err(|denial| denial.message)
    };
    let recorded = record(
        &run,
        Binding {
            origin: engine.store.origin(),
            head: mine.head,
            provenance: &inputs.provenance,
            generation,
            own: &asked_by.map_or(&pair, |asked_by| &asked_by.pair).check.intent.id,
            chain: &mine.chain,
            parent: asked_by.map(|asked_by| asked_by.parent),
            tracked: &mine.tracked,
            agreement: mine.agreement.as_ref(),
            gap,
            redactor: &engine.redactor,
            show: engine.show,
            sandbox: &engine.open.sandbox,
            packs: &engine.packs,
        },
        &replan,
    );
    let Recorded { mut records, again } = recorded;
    records.iter_mut().for_each(Sealed::drop_packed);
    let head = records.last().map_or(mine.head, Sealed::head);
    let release = again.is_none();
    match engine.committer.commit(Commit { records, fence: mine.fence, release, answers: mine.request }).await? {
        Outcome::Durable(state) => {
            engine.tell(&Event::Ran { state: state.clone(), rerun: asked_by.is_some() });
            let again = again.map(|(plan, chain)| {
                let seq = mine.head.seq + 1;
                let parent = match asked_by {
                    Some(asked_by) => Asked { parent: Parent { seq, ..asked_by.parent }, ..asked_by.clone() },
                    None => Asked { parent: Parent { seq, started: run.started }, pair },
                };
                let (tracked, agreement) = (state.tracked.clone(), state.agreement.clone());
                let next = Held { fence: mine.fence, head, tracked, chain, parent: Some(parent), agreement, ..Held::default() };
                Box::new((plan, next))
            });
            Ok(Committed::Done { state, rerun: asked_by.is_some(), again })
        }
        Outcome::Refused => {
            engine.tell(&Event::Lost(pair.id));
            Ok(Committed::Lost)
        }
    }
}
