//! The story for machines.

use serde_json::{Value, json};

use super::calls::{Call, Told};
use super::step::{Met, Step, What};
use super::story::{Story, Waiver};
use crate::api::TrackedFinding;

/// The story as one object.
pub fn json(story: &Story) -> Value {
    let view = &story.view;
    json!({
        "name": view.pair.observation_name(),
        "namespace": view.pair.namespace,
        "intent": view.intent,
        "assessment": view.assessment,
        "accepted": view.accepted,
        "reason": view.reason,
        "why": view.why,
        "since": view.since,
        "suspended": view.suspended,
        "denied": view.denied,
        "timeline": story.steps.iter().map(step).collect::<Vec<_>>(),
        "timelineCut": story.cut,
        "findings": story.tracked.iter().map(tracked).collect::<Vec<_>>(),
        "confirmations": story.confirmations,
        "escalations": story.calls.iter().map(call).collect::<Vec<_>>(),
        "waivers": story.waivers.iter().map(waiver).collect::<Vec<_>>(),
        "next": {"at": story.next.at, "sentences": story.next.sentences},
    })
}

fn step(step: &Step) -> Value {
    let mut value = match &step.what {
        What::Noted { word, message } => json!({"kind": word, "message": message}),
        What::Ran { run, decided, inputs } => json!({
            "kind": if run.depth > 0 { "rerun" } else { "run" },
            "intent": run.intent,
            "depth": run.depth,
            "parentSeq": run.parent,
            "assessment": run.assessment,
            "coverage": run.coverage,
            "reason": run.reason,
            "findings": run.findings,
            "decision": decided.as_ref().map(|decided| json!({
                "outcome": decided.reaction.outcome,
                "intent": decided.reaction.intent,
                "rule": decided.reaction.rule,
                "reason": decided.reaction.reason,
                "inputs": decided.inputs,
                "conditions": inputs.iter().map(met).collect::<Vec<_>>(),
            })),
        }),
    };
    if let Some(map) = value.as_object_mut() {
        map.insert("seq".to_owned(), json!(step.seq));
        map.insert("at".to_owned(), json!(step.at));
        map.insert("times".to_owned(), json!(step.times));
        map.insert("until".to_owned(), json!(step.until));
    }
    value
}

fn met(met: &Met) -> Value {
    json!({"condition": met.condition, "actual": met.actual})
}

fn tracked(tracked: &TrackedFinding) -> Value {
    let TrackedFinding { finding, severity, stage, first_seen, last_seen, seen, gone, .. } = tracked;
    json!({
        "finding": finding,
        "severity": severity,
        "stage": stage,
        "firstSeen": first_seen,
        "lastSeen": last_seen,
        "seen": seen,
        "gone": gone,
        "seenOfSpan": tracked.seen_of_span(),
        "runsOfSpan": tracked.runs_of_span(),
    })
}

fn call(call: &Call) -> Value {
    let matter = &call.shown.matter;
    json!({
        "name": call.shown.state.id.name,
        "state": call.shown.stands(),
        "severity": matter.severity,
        "since": matter.first_seen,
        "held": call.held,
        "suppressed": matter.suppressed.as_ref().map(|suppressed| json!({
            "reason": suppressed.reason,
            "by": suppressed.by,
            "until": call.until,
        })),
        "acknowledged": matter.acknowledged.as_ref().map(|said| json!({
            "by": said.by,
            "reason": said.reason,
            "expires": said.expires,
        })),
        "changes": call.changes.iter().map(told).collect::<Vec<_>>(),
    })
}

fn told(told: &Told) -> Value {
    let suppressed = told.suppressed.as_ref();
    json!({
        "at": told.at,
        "change": told.change,
        "suppressed": suppressed.map(|suppressed| json!({"reason": suppressed.reason, "by": suppressed.by})),
    })
}

fn waiver(waiver: &Waiver) -> Value {
    let accept = &waiver.accept;
    json!({
        "finding": accept.finding,
        "owner": accept.owner,
        "reason": accept.reason,
        "expires": accept.expires,
        "inForce": waiver.in_force,
        "acceptsNow": waiver.findings,
    })
}
