//! Whether an intent that a rule asks for may run: the policy of the environment, as for an operation.

use serde_json::{Map, Value, json};

use super::environment::Environment;
use super::profile::Known;
use super::{Failure, refused};
use crate::admission::policy::{Effect, Pack, Request};

/// Modes that a decision can be made for.
pub(super) const MODES: [&str; 3] = ["dry_run", "observe", "emergency_readonly"];
/// Reason when the environment has no policy.
const NO_POLICY: &str = "reaction_policy_pack_required";

/// What policy says.
pub(super) enum Verdict {
    /// It may run: decision and its name.
    Admitted(String, String),
    /// It may not: why, and the decision with its name if there was one.
    Blocked(String, Option<(String, String)>),
}

/// Asks the policy of `environment` about an intent on a target. Only a plain allow admits: nobody is there to meet obligations.
///
/// # Errors
/// The intent, its mode or the target does not exist, or the policy can not be used.
pub(super) fn verdict(
    environment: &Environment,
    profile: &Known,
    reaction: &str,
    (intent, target, mode): (&str, &str, &str),
) -> Result<Verdict, Failure> {
    let Some(policy) = environment.policy() else { return Ok(Verdict::Blocked(NO_POLICY.to_owned(), None)) };
    let criticality = environment.criticality(target)?;
    if !profile.modes(intent)?.iter().any(|declared| declared == mode) {
        return Err(refused(format!("mode {mode} not declared for intent: {intent}")));
    }
    let pack = Pack::from_python(policy).map_err(|fault| refused(format!("invalid policy_pack: {}", fault.code)))?;
    let risk = profile.intent(intent)?.get("risk").and_then(Value::as_str).unwrap_or("unknown").to_owned();
    let request = Request::from_json(&json!({
        "request_id": format!("op-policy:{reaction}"),
        "subject_ref": format!("rexecop:{reaction}"),
        "action": {"mode": "read", "category": "operation", "intent": intent, "risk": risk},
        "resource": {"target_ref": target, "criticality": criticality},
        "context": {"profile": profile.name, "environment": environment.id},
    }));
    let said = request.and_then(|request| pack.evaluate(&request, &Map::new()));
    let said = said.map_err(|fault| refused(format!("invalid policy_pack: {}", fault.code)))?;
    let decided = (said.decision.as_str().to_owned(), said.id());
    let plain = said.decision == Effect::Allow && said.obligations.is_empty() && said.constraints.is_empty();
    if plain && said.blockers.is_empty() {
        return Ok(Verdict::Admitted(decided.0, decided.1));
    }
    Ok(Verdict::Blocked(format!("govengine_reaction_blocked:{}", said.reason_code), Some(decided)))
}
