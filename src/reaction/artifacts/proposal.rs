//! Proposals of the Python stack: how one is made, and what makes one unfit.

use serde_json::Value;

use super::observation::keeps_contract;
use super::{Rejected, evidence_ref, explanation};
use crate::evidence::json::Json;
use crate::evidence::sclite::{EscalationProposal, ids::escalation_proposal_id, schema};
use crate::facts::text;

/// Modes in which nothing is changed.
pub const READ_ONLY_MODES: [&str; 4] = ["read_only", "dry_run", "observe", "emergency_readonly"];
/// Schema of the artifact.
const SCHEMA: &str = "schemas/escalation_proposal.v0.1.schema.json";
/// Outcomes that name an intent.
const WITH_INTENT: [&str; 2] = ["run_intent", "retry_intent"];
/// Longest outcome, in characters.
const OUTCOME_MAX: usize = 32;
/// Longest name, in characters.
const NAME_MAX: usize = 128;

/// The modes of the intent of that name, if there is one. A name is looked up, never joined into a path.
pub type Intents<'a> = dyn Fn(&str) -> Option<Vec<String>> + 'a;

/// What a proposal is made of.
#[derive(Debug, Clone, Copy)]
pub struct Proposed<'a> {
    /// The operation that was diagnosed.
    pub operation_id: &'a str,
    /// The reaction to it.
    pub reaction_id: &'a str,
    /// The diagnosis.
    pub diagnosis: &'a Value,
    /// `run_intent`, `retry_intent`, `escalate` or `no_op`.
    pub outcome: &'a str,
    /// The intent that is proposed.
    pub intent: Option<&'a str>,
    /// Where the proof stands, relative to the proposal.
    pub evidence_refs: &'a [String],
    /// When it is made.
    pub created_at: &'a str,
}

/// Makes a proposal and checks it.
///
/// # Errors
/// The first thing that is wrong, in the order of the stack: diagnosis, intent, references, explanation, shape.
pub fn proposal(proposed: &Proposed<'_>, intents: &Intents<'_>) -> Result<Json, Rejected> {
    keeps_contract(proposed.diagnosis)?;
    let outcome = text::collapse(proposed.outcome, OUTCOME_MAX);
    let intent = proposed.intent.filter(|intent| !intent.is_empty()).map(|intent| text::collapse(intent, NAME_MAX));
    fits(&outcome, intent.as_deref(), intents)?;
    let refs = proposed.evidence_refs.iter().map(|named| evidence_ref::bounded(named)).collect::<Result<Vec<_>, _>>()?;
    if refs.is_empty() {
        return Err(Rejected::new("evidence_refs must not be empty"));
    }
    let explanation = explanation::recorded(proposed.diagnosis);
    explanation::check(&explanation)?;
    let reaction_id = text::collapse(proposed.reaction_id, NAME_MAX);
    let diagnosis = Json::from(proposed.diagnosis);
    let made = EscalationProposal {
        proposal_id: &escalation_proposal_id(proposed.operation_id, &reaction_id, &outcome, intent.as_deref(), &diagnosis),
        reaction_id: &reaction_id,
        created_at: proposed.created_at,
        suggested_outcome: &outcome,
        intent: intent.as_deref(),
        explanation: &explanation,
        evidence_refs: &refs,
    }
    .to_json();
    validate_proposal(&made, intents)?;
    Ok(made)
}

/// Checks a finished proposal. One that passes is still nobody's order.
///
/// # Errors
/// The first thing that is wrong: shape (without its cause), intent, references, explanation.
pub fn validate_proposal(proposal: &Json, intents: &Intents<'_>) -> Result<(), Rejected> {
    schema::validate(proposal, SCHEMA).map_err(|_| Rejected::new("invalid_escalation_proposal"))?;
    let word = |key: &str| proposal.text_at(&[key]).unwrap_or_default();
    let intent = Some(text::collapse(word("intent_ref"), NAME_MAX)).filter(|intent| !intent.is_empty());
    fits(word("suggested_outcome"), intent.as_deref(), intents)?;
    for named in proposal.get("evidence_refs").and_then(Json::as_array).unwrap_or_default() {
        evidence_ref::bounded(named.as_str().unwrap_or_default())?;
    }
    explanation::check(word("explanation"))
}

/// Whether an outcome has the intent that it needs, one that only reads.
fn fits(outcome: &str, intent: Option<&str>, intents: &Intents<'_>) -> Result<(), Rejected> {
    match (WITH_INTENT.contains(&outcome), intent) {
        (false, None) => Ok(()),
        (false, Some(_)) => Err(Rejected::new("intent_ref is only valid for intent outcomes")),
        (true, None) => Err(Rejected::new("intent_ref is required")),
        (true, Some(intent)) => {
            let modes = intents(intent).ok_or_else(|| Rejected::new(format!("unknown_intent:{intent}")))?;
            let reads = !modes.is_empty() && modes.iter().all(|mode| READ_ONLY_MODES.contains(&mode.as_str()));
            if reads { Ok(()) } else { Err(Rejected::new(format!("non_readonly_intent:{intent}"))) }
        }
    }
}
