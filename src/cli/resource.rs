//! tecrax's own resources as Kubernetes objects.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use crate::api::{API_VERSION, ConditionStatus, ConditionType, DEFAULT_NAMESPACE, PairId, reason, uid};
use crate::status::{PairState, View};
use crate::store::Db;

/// Why a pair is not ready whose evidence still counts by its `freshFor`.
const OVERDUE: &str = "nobody has looked when a run was due; what was seen before still counts by freshFor";

/// The assessment as tables show it: suspended pairs say so.
pub fn assessment_word(view: &View) -> String {
    let fixtures = if view.fixtures { " (fixture)" } else { "" };
    let accepted = if view.accepted { " (accepted)" } else { "" };
    if view.suspended { "suspended".to_owned() } else { format!("{}{accepted}{fixtures}", view.assessment.as_str()) }
}

/// What to type to name the pair: with its namespace when that is not the default.
pub fn typed_name(view: &View) -> String {
    let namespace = view.pair.namespace.as_str();
    if namespace == DEFAULT_NAMESPACE {
        view.pair.observation_name()
    } else {
        format!("{} -n {namespace}", view.pair.observation_name())
    }
}

/// Observations of `views`, each with what the log says of its runs.
pub fn observations(db: &Db, views: &[View]) -> Result<Vec<Value>, Failure> {
    let states = db.states()?;
    views.iter().map(|view| observation(view, &states)).collect()
}

/// One Observation.
fn observation(view: &View, known: &HashMap<PairId, PairState>) -> Result<Value, Failure> {
    let state = known.get(&view.pair);
    let mut status = match state.and_then(|state| state.status.as_ref()) {
        Some(status) => serde_json::to_value(status).map_err(|error| Failure::new(Exit::Io, error.to_string()))?,
        None => json!({"conditions": []}),
    };
    let name = view.pair.observation_name();
    if let Some(map) = status.as_object_mut() {
        map.insert("assessment".to_owned(), json!(view.assessment));
        let put = |map: &mut serde_json::Map<String, Value>, key: &str, value: Option<String>| {
            if let Some(value) = value {
                map.insert(key.to_owned(), Value::String(value));
            }
        };
        put(map, "lastRunTime", view.last_run.map(|at| at.to_string()));
        put(map, "nextRunTime", view.next_run.map(|at| at.to_string()));
        put(map, "lastHealthyTime", state.and_then(|state| state.last_healthy).map(|at| at.to_string()));
        if let Some(state) = state.filter(|state| state.seq > 0) {
            map.insert("runs".to_owned(), json!({"total": state.runs, "reruns": state.reruns}));
            map.insert("evidence".to_owned(), json!({"seq": state.seq, "digest": state.leaf}));
        }
        if view.accepted {
            map.insert("accepted".to_owned(), Value::Bool(true));
        }
        if view.fixtures {
            map.insert("fixtures".to_owned(), Value::Bool(true));
        }
        refresh_conditions(map, view);
    }
    Ok(json!({
        "apiVersion": API_VERSION,
        "kind": "Observation",
        "metadata": {
            "name": name,
            "namespace": view.pair.namespace,
            "uid": uid("Observation", view.pair.namespace.as_str(), &name),
            "labels": view.labels,
        },
        "spec": {
            "checkRef": {"name": view.pair.check},
            "targetRef": {"name": view.pair.target},
            "intent": view.intent,
        },
        "status": status,
    }))
}

/// Makes the conditions say what is true when read: stale, suspended, not yet observed, left at a deadline, or held at a last good version.
fn refresh_conditions(status: &mut serde_json::Map<String, Value>, view: &View) {
    let Some(conditions) = status.get_mut("conditions").and_then(Value::as_array_mut) else { return };
    let mut put = |r#type: ConditionType, value: ConditionStatus, reason: &str, message: &str| {
        let since = view.since.or(view.last_run).map(|at| at.to_string());
        let old =
            conditions.iter_mut().find(|condition| condition.get("type") == Some(&json!(r#type))).and_then(Value::as_object_mut);
        match old {
            Some(old) => {
                if let Some(since) = since.filter(|_| old.get("status") != Some(&json!(value))) {
                    old.insert("lastTransitionTime".to_owned(), Value::String(since));
                }
                for (key, value) in [("status", json!(value)), ("reason", json!(reason)), ("message", json!(message))] {
                    old.insert(key.to_owned(), value);
                }
            }
            // Kubernetes wants an instant; of a pair that was never observed there is none to tell.
            None => conditions.push(json!({
                "type": r#type,
                "status": value,
                "reason": reason,
                "message": message,
                "lastTransitionTime": since.unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned()),
                "observedGeneration": 0,
            })),
        }
    };
    if let Err(why) = view.ready {
        let why_not = match &view.denied {
            Some(denied) => denied,
            None if why == reason::STALE && view.reason != reason::STALE => OVERDUE,
            None => &view.why,
        };
        put(ConditionType::Ready, ConditionStatus::False, why, why_not);
    }
    if let Some(stalled) = &view.stalled {
        put(ConditionType::Stalled, ConditionStatus::True, reason::INVALID_SPEC, stalled);
    }
    if [reason::STALE, reason::NOT_YET_OBSERVED, reason::DENIED, reason::DEADLINE_EXCEEDED].contains(&view.reason.as_str()) {
        put(ConditionType::Healthy, ConditionStatus::Unknown, &view.reason, &view.why);
    }
}
