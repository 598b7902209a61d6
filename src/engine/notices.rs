//! Escalations as they stand become notices.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::recall::{Known, recall, referred};
use super::shown::Shown;
use super::{Engine, Inputs};
use crate::api::{EscalationId, Labels, Namespace, SubdomainName, uid};
use crate::notify::{Held, Notice, NoticeTarget};
use crate::reaction::escalation::{Matter, SuppressionReason};
use crate::status::{EscalationState, WantedTarget};
use crate::store::{Db, StoreError};

/// Labels of a Target, by namespace and name.
type LabelsOf<'a> = dyn Fn(&Namespace, &SubdomainName) -> Labels + 'a;

/// Every incident that a Sink may have to hear of: those that are open, and of those that are over the ones whose end some Sink has
/// still to accept.
///
/// # Errors
/// The store's.
pub(super) async fn notices(engine: &Engine, inputs: &Inputs) -> Result<Vec<Notice>, Arc<StoreError>> {
    let mut states = engine.store.ask(Db::open_escalations).await?;
    let awaited = engine.store.ask(Db::awaited_ends).await?;
    let wanted = |known: &Known| referred(known).into_iter().chain(awaited.iter().cloned()).collect();
    // Whatever has opened meanwhile is as good as what was open before.
    recall(engine, &mut states, wanted).await?;
    let own = &inputs.desired.targets;
    let foreign = |id: &EscalationId, matter: &Matter| {
        matter.target.as_ref().is_some_and(|target| !own.contains_key(&(id.namespace.clone(), target.clone())))
    };
    let any_foreign = states.iter().any(|(id, state)| state.matter.as_ref().is_some_and(|matter| foreign(id, matter)));
    // Targets that another set of manifests wants.
    let rows = if any_foreign { engine.store.desired("Target").await? } else { Vec::new() };
    let others: HashMap<(String, String), Labels> = rows
        .into_iter()
        .filter_map(|row| {
            let target: WantedTarget = serde_json::from_str(&row.value).ok()?;
            Some(((row.namespace, row.name), target.labels))
        })
        .collect();
    let shown = Shown(&engine.redactor);
    let labels = |namespace: &Namespace, name: &SubdomainName| match own.get(&(namespace.clone(), name.clone())) {
        Some(target) => shown.labels(target.labels.clone()),
        None => others.get(&(namespace.to_string(), name.to_string())).cloned().unwrap_or_default(),
    };
    Ok(of_states(&states, &labels, (engine.now)()))
}

/// The notices of all states at `now`.
fn of_states(states: &BTreeMap<EscalationId, EscalationState>, labels: &LabelsOf<'_>, now: Timestamp) -> Vec<Notice> {
    let mut members: BTreeMap<(&Namespace, &str), Vec<&SubdomainName>> = BTreeMap::new();
    for (id, state) in states {
        let Some(matter) = &state.matter else { continue };
        if let (Some(target), Some(suppression)) = (&matter.target, &matter.suppressed)
            && suppression.reason == SuppressionReason::PartOfGroup
        {
            members.entry((&id.namespace, suppression.by.as_str())).or_default().push(target);
        }
    }
    let named = |id: &EscalationId, matter: &Matter| -> Vec<SubdomainName> {
        let names = matter.members.iter().flat_map(|members| &members.names);
        let of_name = |name| {
            let id = EscalationId { namespace: id.namespace.clone(), name };
            states.get(&id)?.matter.as_ref()?.target.clone()
        };
        names.cloned().filter_map(of_name).collect()
    };
    states
        .iter()
        .filter_map(|(id, state)| {
            let matter = state.matter.as_ref()?;
            let targets: Vec<SubdomainName> = match (&matter.target, members.get(&(&id.namespace, id.name.as_str()))) {
                (Some(target), _) => vec![target.clone()],
                (None, Some(members)) => members.iter().map(|name| (*name).clone()).collect(),
                (None, None) => named(id, matter),
            };
            Some(notice(id, matter, &targets, labels, now))
        })
        .collect()
}

fn notice(id: &EscalationId, matter: &Matter, targets: &[SubdomainName], labels: &LabelsOf<'_>, now: Timestamp) -> Notice {
    let total = matter.members.as_ref().map_or(0, |members| usize::try_from(members.total).unwrap_or(usize::MAX));
    let held = match &matter.suppressed {
        Some(suppression) if suppression.reason == SuppressionReason::PartOfGroup => Some(Held::Grouped),
        Some(_) => Some(Held::Suppressed),
        None => matter.acknowledged_at(now).map(|_| Held::Acknowledged),
    };
    Notice {
        namespace: id.namespace.clone(),
        name: id.name.to_string(),
        uid: uid("Escalation", id.namespace.as_str(), id.name.as_str()),
        incident: u64::from(matter.incident),
        held,
        severity: matter.severity,
        told_as: None,
        targets: targets
            .iter()
            .map(|name| NoticeTarget { name: name.to_string(), labels: labels(&id.namespace, name) })
            .collect(),
        target_count: targets.len().max(total),
        finding: matter.key.clone(),
        summary: matter.summary.clone(),
        description: lines(matter),
        runbook: matter.runbook.clone(),
        since: matter.first_seen,
        resolved: matter.resolved_at,
        log_index: matter.context.run.as_ref().map(|run| run.index),
        explain: Some(matter.context.explain.clone()).filter(|explain| !explain.is_empty()),
    }
}

/// What a person wants to know besides, a line each.
fn lines(matter: &Matter) -> Vec<String> {
    let context = &matter.context;
    let mut lines = Vec::new();
    if let Some(step) = &matter.finding.next_step {
        lines.push(format!("Next: {step}"));
    }
    let checks: Vec<String> =
        matter.claims.iter().map(|claim| format!("{} ({} of {} runs)", claim.check, claim.seen, claim.runs)).collect();
    if !checks.is_empty() {
        lines.push(format!("Seen by: {}", checks.join(", ")));
    }
    if let Some(run) = context.run.as_ref().filter(|_| matter.target.is_none()) {
        lines.push(format!("Began with: {}", run.pair));
    }
    if let Some(healthy) = context.last_healthy {
        lines.push(format!("Last healthy: {healthy}"));
    }
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".to_owned());
    for change in &context.changes {
        lines.push(format!("{}: {} → {}", change.path, value(&change.was), value(&change.now)));
    }
    if let Some(why) = context.uncompared {
        lines.push(format!("Changed facts: {}", why.as_sentence()));
    }
    more(&mut lines, "changed facts", context.changes_total, context.changes.len());
    let parents: Vec<String> = context
        .parents
        .iter()
        .map(|parent| match parent.lost {
            Some(true) => format!("{} (no answer)", parent.name),
            Some(false) => format!("{} (answers)", parent.name),
            None => format!("{} (not checked)", parent.name),
        })
        .collect();
    if !parents.is_empty() {
        lines.push(format!("Parents: {}", parents.join(", ")));
    }
    let others: Vec<&str> = context.others.iter().map(SubdomainName::as_str).collect();
    if !others.is_empty() {
        lines.push(format!("The same on: {}", others.join(", ")));
        more(&mut lines, "targets with the same", context.others_total, others.len());
    }
    if let Some(run) = &context.run {
        lines.push(format!("Evidence: {} record {}", run.pair, run.seq));
    }
    lines
}

fn more(lines: &mut Vec<String>, noun: &str, total: u64, said: usize) {
    let rest = total.saturating_sub(said as u64);
    if rest > 0 {
        lines.push(format!("and {rest} more {noun}"));
    }
}
