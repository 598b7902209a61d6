//! Schemas of the artifacts, and the order in which they are checked.
//!
//! The tables are ours; the order of their members is that of the format, because only the first failure is reported and both
//! sides report the same one.

mod chain;
mod common;
mod error;
mod lifecycle;
mod reaction;
mod redaction;
mod reference;
mod review;
mod rule;
mod surface;
mod ticket;
mod validate;

pub use error::SchemaError;

use super::super::json::Json;
use rule::Rule;

/// Every schema by name; its file is `schemas/<name>.schema.json`.
static SCHEMAS: [(&str, &Rule); 23] = [
    ("artifact_chain_manifest.v0.2", &chain::ARTIFACT_CHAIN_MANIFEST),
    ("carrier_profile_ref.v0.1", &reference::CARRIER_PROFILE_REF),
    ("escalation_proposal.v0.1", &reaction::ESCALATION_PROPOSAL),
    ("evidence_contract.v0.2", &lifecycle::EVIDENCE_CONTRACT),
    ("execution_contract.v0.2", &lifecycle::EXECUTION_CONTRACT),
    ("execution_receipt.v0.2", &lifecycle::EXECUTION_RECEIPT),
    ("execution_ticket.v0.2", &ticket::EXECUTION_TICKET_2),
    ("execution_ticket.v0.3", &ticket::EXECUTION_TICKET_3),
    ("finding.v0.1", &reaction::FINDING),
    ("intent_contract.v0.2", &lifecycle::INTENT_CONTRACT),
    ("kernel_guard_hmac_v1", &chain::KERNEL_GUARD),
    ("observation_envelope.v0.1", &reaction::OBSERVATION_ENVELOPE),
    ("policy_decision.v0.2", &lifecycle::POLICY_DECISION),
    ("public_snapshot_manifest.v0.1", &surface::PUBLIC_SNAPSHOT_MANIFEST),
    ("public_validation_surface_index.v0.1", &surface::PUBLIC_VALIDATION_SURFACE_INDEX),
    ("reaction_plan.v0.1", &reaction::REACTION_PLAN),
    ("redaction_policy.v0.1", &redaction::REDACTION_POLICY),
    ("redaction_receipt.v0.1", &redaction::REDACTION_RECEIPT),
    ("review_record.v0.1", &review::REVIEW_RECORD),
    ("scope_fidelity_report.v0.1", &review::SCOPE_FIDELITY_REPORT_1),
    ("scope_fidelity_report.v0.2", &review::SCOPE_FIDELITY_REPORT_2),
    ("trust_profile_ref.v0.1", &reference::TRUST_PROFILE_REF),
    ("verification_result.v1", &review::VERIFICATION_RESULT),
];

/// The names of all schemas.
pub fn known() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().map(|(name, _)| *name)
}

/// Checks `value` against the schema that `schema_ref` names: `<name>`, `<name>.schema.json` or `schemas/<name>.schema.json`.
/// Reports the first failure.
pub fn validate(value: &Json, schema_ref: &str) -> Result<(), SchemaError> {
    let file = schema_ref.strip_prefix("schemas/").unwrap_or(schema_ref);
    let name = match file.strip_suffix(".schema.json") {
        Some(name) => name,
        // A folder goes with a file name only.
        None if file.len() == schema_ref.len() => schema_ref,
        None => "",
    };
    let found = SCHEMAS.iter().find(|(known, _)| *known == name);
    let (_, rule) = found.ok_or_else(|| SchemaError::unknown(schema_ref))?;
    validate::check(value, rule, "$")
}
