//! What holds whatever the rules say.

use serde_json::{Map, Value};

use super::value::truthy;
use super::{Effect, Request};

/// Words for an action that changes something.
const MUTATING: [&str; 6] = ["write", "mutating", "mutation", "delete", "destructive", "apply"];
/// Words for a resource that an action may not change unasked.
const CRITICAL: [&str; 2] = ["high", "critical"];

/// A decision that no rule is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Invariant {
    pub(super) decision: Effect,
    pub(super) reason_code: &'static str,
    pub(super) blocker: &'static str,
    pub(super) risk: (&'static str, f64),
}

const UNSAFE_SHAPE: Invariant = Invariant {
    decision: Effect::Deny,
    reason_code: "unsafe_execution_shape",
    blocker: "unsafe_execution_shape",
    risk: ("critical", 1.0),
};
const DESTRUCTIVE: Invariant = Invariant {
    decision: Effect::Deny,
    reason_code: "destructive_action_without_approval_evidence",
    blocker: "destructive_action_without_approval_evidence",
    risk: ("critical", 1.0),
};
const CRITICAL_MUTATION: Invariant = Invariant {
    decision: Effect::ApprovalRequired,
    reason_code: "critical_mutating_action_requires_approval",
    blocker: "operator_approval_required",
    risk: ("high", 0.85),
};

/// The first invariant that a request breaks.
pub(super) fn broken(request: &Request) -> Option<Invariant> {
    let flag = |map: &Map<String, Value>, key: &str| map.get(key).is_some_and(truthy);
    let execution = request.context.get("execution").and_then(Value::as_object);
    if flag(&request.action, "unsafe_execution_shape") || execution.is_some_and(|map| flag(map, "unsafe_execution_shape")) {
        return Some(UNSAFE_SHAPE);
    }
    if approved(request) {
        return None;
    }
    if flag(&request.action, "destructive") {
        return Some(DESTRUCTIVE);
    }
    let mutating = MUTATING.contains(&word(&request.action, &["mode", "type", "category"]).as_str());
    let critical = CRITICAL.contains(&word(&request.resource, &["criticality", "risk_class"]).as_str());
    (mutating && critical).then_some(CRITICAL_MUTATION)
}

/// Whether evidence says that a person approved.
fn approved(request: &Request) -> bool {
    let context = match request.context.get("evidence") {
        Some(Value::Object(evidence)) => evidence,
        _ => &request.context,
    };
    request.evidence_refs.iter().any(|reference| reference.contains("approval"))
        || ["approval", "operator_approval"].iter().any(|key| context.get(*key).is_some_and(truthy))
}

/// The first member that says something, in lower case.
fn word(map: &Map<String, Value>, keys: &[&str]) -> String {
    let said = keys.iter().filter_map(|key| map.get(*key)).find(|value| truthy(value));
    said.and_then(Value::as_str).map(str::to_lowercase).unwrap_or_default()
}
