//! The artifacts of a reaction.

use super::common::{BARE_LINK, DIGEST, PROFILE_REF};
use super::rule::{Rule, always, closed, free, integer_between, list_to, must, one_of, text_between, text_or_null, word};

/// Outcomes of a reaction.
const OUTCOMES: &[&str] = &["run_intent", "retry_intent", "escalate", "no_op"];

/// An identifier of 1 to 128 characters.
const ID: Rule = text_between(1, 128);

/// A time of 1 to 64 characters.
const TIME: Rule = text_between(1, 64);

/// What was seen.
pub(super) static OBSERVATION_ENVELOPE: Rule = closed(&[
    must("artifact_type", word("observation_envelope")),
    must("schema_version", word("v0.1")),
    must("schema_ref", word("schemas/observation_envelope.v0.1.schema.json")),
    must("observation_id", ID),
    must("observed_at", TIME),
    must("profile_ref", closed(&[must("id", ID), must("version", text_between(1, 64)), must("digest", DIGEST)])),
    must("source", closed(&[must("operation_id", ID), must("intent_id", ID), must("target_id", ID)])),
    must("facts", free()),
]);

/// What is not as it should be.
pub(super) static FINDING: Rule = closed(&[
    must("artifact_type", word("finding")),
    must("schema_version", word("v0.1")),
    must("schema_ref", word("schemas/finding.v0.1.schema.json")),
    must("finding_id", ID),
    must("created_at", TIME),
    must("profile_ref", PROFILE_REF),
    must("taxonomy", closed(&[must("kind", ID), must("severity", one_of(&["info", "low", "medium", "high", "critical"]))])),
    must("summary", text_between(1, 512)),
    must("links", closed(&[must("observation", BARE_LINK)])),
]);

/// What follows.
pub(super) static REACTION_PLAN: Rule = closed(&[
    must("artifact_type", word("reaction_plan")),
    must("schema_version", word("v0.1")),
    must("schema_ref", word("schemas/reaction_plan.v0.1.schema.json")),
    must("reaction_id", ID),
    must("created_at", TIME),
    must("profile_ref", PROFILE_REF),
    must("rule_ref", closed(&[must("id", ID), must("digest", DIGEST)])),
    must("outcome", one_of(OUTCOMES)),
    must("intent_ref", text_or_null(128)),
    must("child_operation_id", text_or_null(128)),
    must("reason", text_between(1, 512)),
    must(
        "context",
        closed(&[
            must("depth", integer_between(0, 32)),
            must("reaction_count", integer_between(0, 1024)),
            must("visited_rule_digests", list_to(1024, &DIGEST)),
            must("idempotency_key", DIGEST),
        ]),
    ),
    must(
        "admission",
        closed(&[
            must("status", one_of(&["not_applicable", "pending", "admitted", "blocked"])),
            must("decision", text_or_null(64)),
            must("decision_id", text_or_null(128)),
        ]),
    ),
    must("links", closed(&[must("observation", BARE_LINK), must("finding", BARE_LINK)])),
]);

/// What is proposed to a person.
pub(super) static ESCALATION_PROPOSAL: Rule = closed(&[
    must("artifact_type", word("escalation_proposal")),
    must("schema_version", word("v0.1")),
    must("schema_ref", word("schemas/escalation_proposal.v0.1.schema.json")),
    must("proposal_id", ID),
    must("reaction_id", ID),
    must("created_at", TIME),
    must("suggested_outcome", one_of(OUTCOMES)),
    must("intent_ref", text_or_null(128)),
    must("explanation", text_between(1, 2048)),
    must("evidence_refs", list_to(32, &EVIDENCE_REF)),
    must(
        "authority",
        closed(&[
            must("trusted", always(false)),
            must("may_execute", always(false)),
            must("requires_profile_validation", always(true)),
            must("requires_govengine_admission", always(true)),
        ]),
    ),
]);

static EVIDENCE_REF: Rule = text_between(1, 256);
