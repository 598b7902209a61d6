//! Packs of the Python stack, and what is asked of them.

use serde_json::{Map, Value};

use super::{pieces, text};
use crate::admission::policy::{EnforcementPlan, Pack, Request};
use crate::source;

/// Most values of a pack.
const MAX_NODES: usize = 100_000;

/// A pack and a request, as YAML: two pieces. What compiles compiles again, a verdict is one for ever, and an allowed request is one
/// that some rule allows.
pub(super) fn packs(bytes: &[u8]) {
    let mut parts = pieces(bytes).map(|piece| source::located(&text(piece), MAX_NODES).map(|found| found.json()));
    let (Some(Ok(pack)), request) = (parts.next(), parts.next()) else { return };
    let Ok(pack) = Pack::from_python(&pack) else { return };
    // The stack takes a zero for nothing and gives it the default, but keeps one that was written as a text or a fraction.
    let zero = |rule: &Value| rule["priority"] == 0;
    let steady = !pack.record()["rules"].as_array().is_some_and(|rules| rules.iter().any(zero));
    let again = Pack::from_python(pack.record()).map(|again| again.digest());
    assert!(!steady || again.ok() == Some(pack.digest()), "the normalised pack is another pack");
    let request = request.and_then(Result::ok).unwrap_or_else(usual);
    let Ok(request) = Request::from_json(&request) else { return };
    let runtime = Map::new();
    let Ok(verdict) = pack.evaluate(&request, &runtime) else { return };
    assert_eq!(pack.evaluate(&request, &runtime).map(|again| again.digest()).ok(), Some(verdict.digest()), "two verdicts");
    let plan = EnforcementPlan::of(&pack, &verdict);
    assert!(!plan.is_ready() || verdict.rule.is_some(), "allowed by no rule");
    let _ = (plan.digest(), plan.admission_digest(), pack.nearest(&request, &runtime));
}

fn usual() -> Value {
    serde_json::json!({
        "request_id": "op-policy:op-1", "subject_ref": "rexecop:op-1",
        "action": {"mode": "read", "category": "operation", "intent": "collect", "risk": "low"},
        "resource": {"target_ref": "web-07", "criticality": "low"},
        "context": {"profile": "tecrax", "environment": "lab"},
    })
}
