//! Escalations: after runs are durable, what is claimed and what is open become what has to change.
//!
//! Level-triggered: a process that dies between a run and this leaves nothing undone that the next look does not do.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::backdrop::backdrop;
use super::keep::token;
use super::recall::{Known, claimed, recall, referred};
use super::wants::wants_now;
use super::{Engine, Event};
use crate::api::{Criticality, EscalationId, FindingStage, PairId};
use crate::evidence::{Place, Sealed, seal_escalation};
use crate::plan::Mode;
use crate::reaction::escalation::{Change, EscalationChange, Uncompared, loss_key, reconcile};
use crate::status::{EscalationState, PairState, escalation_world};
use crate::store::{Db, EscalationOutcome, StoreError};

/// How often a change that somebody else was faster with is decided anew in one go; the next look does what is left.
const TRIES: u32 = 4;
/// Matters of one go whose facts are compared with those of the last healthy run: each costs a look into the log.
const COMPARED_MAX: usize = 64;

/// What stands after a look at the Escalations.
#[derive(Debug, Clone, Default)]
pub(super) struct Escalated {
    /// Open ones.
    pub(super) open: BTreeMap<EscalationId, EscalationState>,
    /// How many of them are suppressed.
    pub(super) suppressed: usize,
    /// When to look again although nothing new is seen.
    pub(super) again: Option<Timestamp>,
}

impl Escalated {
    /// How many are open, by severity and by whether they are suppressed.
    pub(super) fn by_severity(&self) -> BTreeMap<(Criticality, bool), usize> {
        let mut counts = BTreeMap::new();
        for matter in self.open.values().filter_map(|state| state.matter.as_ref()) {
            *counts.entry((matter.severity, matter.suppressed.is_some())).or_default() += 1;
        }
        counts
    }

    fn of(known: BTreeMap<EscalationId, EscalationState>, again: Option<Timestamp>) -> Self {
        let open: BTreeMap<_, _> = known.into_iter().filter(|(_, state)| state.is_open()).collect();
        let suppressed = |state: &&EscalationState| state.matter.as_ref().is_some_and(|matter| matter.suppressed.is_some());
        Self { suppressed: open.values().filter(suppressed).count(), open, again }
    }
}

/// Whether somebody looks again soon, so that a call may be held back until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// The daemon.
    Soon,
    /// One pass: the next one comes when cron says so.
    Unknown,
}

impl Again {
    /// Of a pass: only the daemon's come again by themselves.
    pub(super) const fn of(mode: Mode) -> Self {
        match mode {
            Mode::Watch => Self::Soon,
            Mode::Once | Mode::Force => Self::Unknown,
        }
    }

    /// Since when pairs have been looked at without a pause. A pass has looked at all that was due.
    fn since(self, engine: &Engine) -> Timestamp {
        match self {
            Self::Soon => engine.began,
            Self::Unknown => Timestamp::MIN,
        }
    }
}

/// Opens, updates, suppresses and resolves. `states` are those of every pair, when the caller has just read them; `may_raise` is
/// whether any pair that it knows of claims something.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn escalate(
    engine: &Engine,
    mut states: Option<&HashMap<PairId, PairState>>,
    may_raise: bool,
    looks: Again,
) -> Result<Escalated, Arc<StoreError>> {
    // Where nobody claims anything, the states of all pairs need not be read to find that out.
    let may_raise = may_raise && (states.is_some() || engine.store.ask(Db::is_anything_raised).await?);
    for _ in 0..TRIES {
        let mut known = engine.store.ask(Db::open_escalations).await?;
        if !may_raise && !known.values().any(EscalationState::is_open) {
            return Ok(Escalated::default());
        }
        let fresh;
        let (states, is_older) = if let Some(states) = states.take() {
            (states, true)
        } else {
            fresh = engine.store.states().await?;
            (&fresh, false)
        };
        let wants = wants_now(engine).await?;
        let now = (engine.now)();
        let single = |intent: &str| engine.profile.intents.get(intent).is_some_and(|intent| intent.read_steps() == 1);
        let decide = |known: &Known| {
            reconcile(&escalation_world(states, &wants, known, &single, (looks.since(engine), looks == Again::Soon, now)))
        };
        // What is over matters where something open refers to it, and where it is claimed again.
        let moved = recall(engine, &mut known, referred).await?.has_moved;
        let mut decision = decide(&known);
        let again = recall(engine, &mut known, |_| claimed(&decision)).await?;
        if moved || again.has_moved {
            continue;
        }
        if again.found {
            decision = decide(&known);
        }
        if decision.changes.is_empty() {
            return Ok(Escalated::of(known, decision.again));
        }
        if is_older {
            // Another process may have recorded a run since they were read, and what is open because of that is no news to be taken back.
            continue;
        }
        let changes = with_backdrop(engine, decision.changes, states).await?;
        let records =
            changes.iter().map(|change| seal(engine, change, known.get(&change.id), now)).collect::<Result<Vec<_>, _>>()?;
        let mut after = known;
        let mut refused = false;
        for outcome in engine.store.commit_escalations(records).await? {
            match outcome {
                EscalationOutcome::Durable(state) => {
                    engine.tell(&Event::Escalation(state.clone()));
                    engine.post.ring();
                    after.insert(state.id.clone(), *state);
                }
                EscalationOutcome::Refused => refused = true,
            }
        }
        if !refused {
            return Ok(Escalated::of(after, decision.again));
        }
    }
    Ok(Escalated::of(engine.store.ask(Db::open_escalations).await?, Some((engine.now)())))
}

/// Whether the pair claims anything.
pub(super) fn raises(state: &PairState) -> bool {
    state.tracked.iter().any(|tracked| tracked.stage == FindingStage::Raised)
}

/// Adds to what is opened what a person wants to know of it.
async fn with_backdrop(
    engine: &Engine,
    mut changes: Vec<Change>,
    states: &HashMap<PairId, PairState>,
) -> Result<Vec<Change>, Arc<StoreError>> {
    let opened = |change: &&mut Change| matches!(change.change, EscalationChange::Opened | EscalationChange::Reopened);
    if !changes.iter_mut().any(|change| opened(&change)) {
        return Ok(changes);
    }
    // So that the run which led to it is covered by what is signed.
    let checkpoint = token(engine).await;
    let mut compared = 0;
    for change in changes.iter_mut().filter(opened) {
        let Some(state) = change.leading.as_ref().and_then(|pair| states.get(pair)) else { continue };
        let Some(seq) = state.last.as_ref().map(|last| last.seq) else { continue };
        // A lost Target has no facts to compare.
        let comparable = state.last_healthy.filter(|_| change.matter.key != loss_key());
        let healthy = comparable.filter(|_| compared < COMPARED_MAX);
        compared += usize::from(healthy.is_some());
        let left_out = (comparable != healthy).then_some(Uncompared::TooMany);
        let (pair, checkpoint) = (state.pair.clone(), checkpoint.clone());
        let found = engine.store.ask(move |db| backdrop(db, &pair, seq, healthy)).await?;
        let context = &mut change.matter.context;
        context.run = found.run.map(|run| crate::reaction::escalation::RunPlace { checkpoint, ..run });
        (context.changes, context.changes_total) = found.changes;
        context.uncompared = found.uncompared.or(left_out);
    }
    Ok(changes)
}

fn seal(engine: &Engine, change: &Change, known: Option<&EscalationState>, now: Timestamp) -> Result<Sealed, Arc<StoreError>> {
    let head = known.map_or_else(crate::evidence::Head::empty, EscalationState::head);
    let place = Place { origin: engine.store.origin(), head, at: now };
    let matter = serde_json::to_value(&change.matter)
        .map_err(|error| StoreError::Damaged { what: format!("escalation {}: {error}", change.id) })?;
    Ok(seal_escalation(&change.id, &place, change.change.as_str(), &matter, &engine.redactor))
}
