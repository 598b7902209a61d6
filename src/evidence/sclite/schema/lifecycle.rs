//! The artifacts of a run, but for the ticket.

use super::common::{FILLED, FREE, LINK, TEXT, TEXTS};
use super::rule::{Rule, boolean, filled, free, integer_from, list, list_from, may, must, one_of, open, word};

/// What is asked for.
pub(super) static INTENT_CONTRACT: Rule = open(&[
    must("artifact_type", word("intent_contract")),
    must("schema_version", word("v0.2")),
    must("schema_ref", word("schemas/intent_contract.v0.2.schema.json")),
    must("intent_id", filled()),
    must("created_at", filled()),
    must("actor", free()),
    must("intent", free()),
    must("requested_capability", free()),
    must("target", free()),
    may("constraints", TEXTS),
    must("authority", free()),
    may("non_claims", TEXTS),
]);

/// What policy says to it.
pub(super) static POLICY_DECISION: Rule = open(&[
    must("artifact_type", word("policy_decision")),
    must("schema_version", word("v0.2")),
    must("schema_ref", word("schemas/policy_decision.v0.2.schema.json")),
    must("decision_id", filled()),
    must("created_at", filled()),
    must("decision", one_of(&["allow_prepare", "owner_approval_required", "deny"])),
    must("links", free()),
    must("scope", free()),
    must("capability", free()),
    must("risk", free()),
    must("constraints", TEXTS),
    may("reason_codes", TEXTS),
]);

/// What would run, within which bounds.
pub(super) static EXECUTION_CONTRACT: Rule = open(&[
    must("artifact_type", word("execution_contract")),
    must("schema_version", word("v0.2")),
    must("schema_ref", word("schemas/execution_contract.v0.2.schema.json")),
    must("contract_id", filled()),
    must("created_at", filled()),
    must("links", open(&[must("intent", free()), must("policy_decision", free())])),
    must("target_binding", open(&[must("target", filled()), must("target_host", filled()), must("target_in_scope", boolean())])),
    must("execution_shape", open(&[must("tool", filled()), must("normalized_args", list(None)), may("plan", list(Some(&FREE)))])),
    must(
        "execution_bounds",
        open(&[
            must("mode", one_of(&["dry_run", "live"])),
            may("network_execution_allowed", boolean()),
            may("max_commands", integer_from(0)),
            may("timeout_seconds", integer_from(0)),
        ]),
    ),
    must("expected_receipt", free()),
    may("non_claims", TEXTS),
]);

/// What ran.
pub(super) static EXECUTION_RECEIPT: Rule = open(&[
    must("artifact_type", word("execution_receipt")),
    must("schema_version", word("v0.2")),
    must("schema_ref", word("schemas/execution_receipt.v0.2.schema.json")),
    must("receipt_id", filled()),
    must("created_at", filled()),
    must("links", free()),
    must("runtime", free()),
    must("execution", free()),
    must("outcome", free()),
    may("evidence_refs", list(Some(&FREE))),
    may("non_claims", TEXTS),
]);

/// What may be claimed of it.
pub(super) static EVIDENCE_CONTRACT: Rule = open(&[
    must("artifact_type", word("evidence_contract")),
    must("schema_version", word("v0.2")),
    must("schema_ref", word("schemas/evidence_contract.v0.2.schema.json")),
    must("evidence_contract_id", filled()),
    must("created_at", filled()),
    must("links", open(&[must("execution_receipt", LINK), may("execution_ticket", LINK)])),
    must("claims", list_from(1, &FREE)),
    must("non_claims", list_from(1, &TEXT)),
    must("replay", open(&[must("mode", filled()), must("live_execution_required", boolean())])),
    must("verification", open(&[must("commands", list_from(1, &FILLED))])),
]);
