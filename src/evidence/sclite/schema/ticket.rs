//! The leave to run something once.

use super::common::{DIGEST, LINK, TEXT, TEXTS};
use super::rule::{Pattern, Rule, boolean, filled, form, free, integer_from, list_from, may, must, one_of, open, text, word};

/// What a ticket may link.
const LINKS: Rule = open(&[must("execution_contract", LINK), may("intent", LINK), may("policy_decision", LINK)]);

/// Who let it pass.
const APPROVAL: Rule = open(&[
    must("status", one_of(&["approved_for_dry_run", "approved", "rejected", "owner_approval_required", "expired", "revoked"])),
    may("approval_id", filled()),
    may("approver_kind", filled()),
]);

const VALIDITY: Rule = open(&[must("not_before", filled()), must("not_after", filled())]);

const EXECUTION_LIMITS: Rule =
    open(&[must("mode", one_of(&["dry_run", "live"])), must("max_runs", integer_from(1)), may("one_shot", boolean())]);

/// The older form: without subject, scope and spending.
pub(super) static EXECUTION_TICKET_2: Rule = open(&[
    must("artifact_type", word("execution_ticket")),
    must("schema_version", word("v0.2")),
    must("schema_ref", word("schemas/execution_ticket.v0.2.schema.json")),
    must("ticket_id", filled()),
    must("created_at", filled()),
    must("links", LINKS),
    must("approval", APPROVAL),
    must("validity", VALIDITY),
    must("execution_limits", EXECUTION_LIMITS),
    must("integrity", open(&[may("profile", filled()), must("ticket_binds_execution_contract_digest", DIGEST)])),
    may("signature", free()),
    may("non_claims", TEXTS),
]);

/// The form that a run is checked against.
pub(super) static EXECUTION_TICKET_3: Rule = open(&[
    must("artifact_type", word("execution_ticket")),
    must("schema_version", word("v0.3")),
    must("schema_ref", word("schemas/execution_ticket.v0.3.schema.json")),
    must("ticket_id", filled()),
    must("created_at", filled()),
    must("ticket_profile", one_of(&["review_record", "scoped_execution_ticket", "external_capability_ref"])),
    must(
        "ticket_semantics",
        open(&[
            must("kind", one_of(&["review_record", "runtime_consumable_scoped_ticket", "external_capability_reference"])),
            must("consumable_by_runtime", boolean()),
            must("default_transferable", boolean()),
        ]),
    ),
    must("links", LINKS),
    must("approval", APPROVAL),
    must("validity", VALIDITY),
    must("execution_limits", EXECUTION_LIMITS),
    must(
        "subject_binding",
        open(&[must("issued_for_actor", filled()), must("usable_by_runtime", filled()), may("session_ref", text())]),
    ),
    must(
        "scope_binding",
        open(&[
            must("target_kind", filled()),
            must("target_ref", filled()),
            must("target_host", filled()),
            must("tool", filled()),
            must("mode", one_of(&["dry_run", "live"])),
            must("normalized_args_digest", form(Pattern::PrefixedHex)),
        ]),
    ),
    must(
        "spend_limits",
        open(&[
            must("max_uses", integer_from(1)),
            must("one_shot", boolean()),
            must("network_execution_allowed", boolean()),
            must("requires_receipt", boolean()),
            must("requires_evidence_contract", boolean()),
        ]),
    ),
    must("integrity", open(&[must("profile", filled()), must("ticket_binds_execution_contract_digest", DIGEST)])),
    may("signature", free()),
    may("trust_profile", free()),
    must("non_claims", list_from(1, &TEXT)),
]);
