//! The Escalations that a pair claims: whether anybody is called, and if not, because of what and until when.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use jiff::Timestamp;
use serde::Deserialize;

use super::super::context::Context;
use super::super::escalation::Shown;
use super::super::exit::Failure;
use crate::api::{EscalationId, Namespace, PairId, SubdomainName};
use crate::engine::wants;
use crate::evidence::{RecordKind, Subject};
use crate::reaction::escalation::{EscalationChange, Held, Matter, Suppression, SuppressionReason, reconcile};
use crate::status::{EscalationState, WantedTarget, escalation_world, matter_now};
use crate::store::{Db, RecordFilter};

/// Changes of one Escalation that are told, the latest.
const CHANGES_MAX: usize = 16;

/// One Escalation that the pair claims.
pub struct Call {
    /// The Escalation.
    pub shown: Shown,
    /// Why nobody is called now, and until when: sentences. Empty when somebody is.
    pub held: Vec<String>,
    /// When that ends at the latest; `None` when it ends with what it names.
    pub until: Option<Timestamp>,
    /// What happened to it since it was opened last, oldest first.
    pub changes: Vec<Told>,
}

/// A change of an Escalation.
#[derive(Debug)]
pub struct Told {
    /// When it was sealed.
    pub at: Timestamp,
    /// What happened.
    pub change: EscalationChange,
    /// Why nobody was called from then on.
    pub suppressed: Option<Suppression>,
}

#[derive(Deserialize)]
struct Body {
    change: EscalationChange,
    suppressed: Option<Suppression>,
}

/// The open Escalations that the pair claims, in the order of their names.
///
/// # Errors
/// The store's.
pub fn calls(context: &Context<'_>, db: &Db, pair: &PairId) -> Result<Vec<Call>, Failure> {
    let known = db.escalations()?;
    let claims = |state: &&EscalationState| {
        let of = |matter: &Matter| {
            matter.is_open()
                && matter.target.as_ref() == Some(&pair.target)
                && matter.claims.iter().any(|claim| claim.check == pair.check)
        };
        state.id.namespace == pair.namespace && state.matter.as_ref().is_some_and(of)
    };
    let own: Vec<&EscalationState> = known.values().filter(claims).collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let (profile, now, states, wants) = (context.profile()?, (context.now)(), db.states()?, wants(db)?);
    let single = |intent: &str| profile.intents.get(intent).is_some_and(|intent| intent.read_steps() == 1);
    // What would be decided now says when it ends; holds are not begun by asking.
    let decision = reconcile(&escalation_world(&states, &wants, &known, &single, (Timestamp::MIN, false, now)));
    let target = wants.targets.get(&(pair.namespace.clone(), pair.target.clone()));
    let mut calls = Vec::new();
    for state in own {
        let Some(matter) = matter_now(state, &states, now) else { continue };
        let by = decision.held.get(&state.id).filter(|_| matter.suppressed.is_some());
        let until = by.and_then(|by| by.ends);
        let held = held(&matter, by, &|held| because(held, target, &known, &state.id.namespace));
        let changes = changes(db, &state.id)?;
        calls.push(Call { shown: Shown { state: state.clone(), matter }, held, until, changes });
    }
    Ok(calls)
}

/// Why nobody is called for it; `by` is what holds it back now.
fn held(matter: &Matter, by: Option<&Held>, because: &dyn Fn(&Held) -> String) -> Vec<String> {
    let mut held = Vec::new();
    if let Some(Suppression { reason, by: name, .. }) = &matter.suppressed {
        // What ends by time is over before anybody decides anew.
        let over = || format!("{} {name} is over; the next pass decides whether a person is called", reason.as_str());
        held.push(by.map_or_else(over, because));
    }
    if let Some(said) = &matter.acknowledged {
        held.push(format!("acknowledged by {}: {}; ends at {}", said.by, said.reason, said.expires));
    }
    held
}

/// What holds a call back, and how that ends.
fn because(
    held: &Held,
    target: Option<&WantedTarget>,
    known: &BTreeMap<EscalationId, EscalationState>,
    namespace: &Namespace,
) -> String {
    let Held { suppression: Suppression { reason, by, .. }, ends, .. } = held;
    let latest = ends.map(|ends| format!(", at the latest at {ends}")).unwrap_or_default();
    match reason {
        SuppressionReason::ParentUnreachable if ends.is_none() => {
            format!("{} gives no answer; ends with the next run here after it answers", parent(by, target))
        }
        SuppressionReason::ParentUnreachable => {
            format!("{} gave no answer until now; ends with the next run here{latest}", parent(by, target))
        }
        SuppressionReason::AwaitingParent => {
            format!("{} was not looked at since this began; ends with its next run{latest}", parent(by, target))
        }
        SuppressionReason::AwaitingGroup => {
            format!("it may be one of many that give no answer; ends when enough others were looked at{latest}")
        }
        SuppressionReason::PartOfGroup => {
            let group = known.iter().find(|(id, _)| id.namespace == *namespace && id.name.as_str() == by);
            let group = group.and_then(|(_, state)| state.matter.as_ref());
            match group.filter(|group| group.is_open()) {
                Some(group) => format!("escalation {by} stands for it ({}); ends with that", group.summary),
                None => format!("escalation {by} stood for it until now; ends with the next run here{latest}"),
            }
        }
    }
}

/// A parent as the manifests name it.
fn parent(by: &str, target: Option<&WantedTarget>) -> String {
    let names = |list: &[SubdomainName]| list.iter().any(|name| name.as_str() == by);
    let via = target.is_some_and(|target| names(&target.hops));
    let declared = target.is_some_and(|target| names(&target.depends_on));
    let how = match (via, declared) {
        (true, _) => "a hop of viaRefs",
        (false, true) => "dependsOn",
        (false, false) => "a parent of a parent",
    };
    format!("{by} ({how})")
}

/// What happened since it was opened last.
fn changes(db: &Db, id: &EscalationId) -> Result<Vec<Told>, Failure> {
    let filter = RecordFilter {
        subject: Some(Subject::Escalation(id.clone())),
        kind: Some(RecordKind::Escalation),
        newest_first: true,
        ..RecordFilter::default()
    };
    let mut changes = Vec::new();
    db.records(&filter, |record| {
        if let Ok(Body { change, suppressed }) = serde_json::from_slice(&record.body) {
            changes.push(Told { at: record.header.sealed_at, change, suppressed });
        }
        let began = matches!(changes.last(), Some(Told { change: EscalationChange::Opened | EscalationChange::Reopened, .. }));
        if began || changes.len() >= CHANGES_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    changes.reverse();
    Ok(changes)
}
