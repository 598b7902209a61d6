//! What a review says: its record, the result of a verification, the fidelity to the scope.

use super::common::{FILLED, TEXTS};
use super::rule::{
    Rule, always, boolean_or_null, closed, filled, free, integer_from, list, may, must, one_of, open, text, text_from, word,
};

const VERDICTS: &[&str] = &["pass", "review", "fail"];
const CHECKED: &[&str] = &["pass", "fail", "not_checked"];
/// Characters of a digest or tag.
const HEX_DIGITS: i64 = 64;

/// The record of a review.
pub(super) static REVIEW_RECORD: Rule = closed(&[
    must("artifact_type", word("review_record")),
    must("schema_version", word("v0.1")),
    must("schema_ref", word("schemas/review_record.v0.1.schema.json")),
    must("generated_at", filled()),
    must("review_id", filled()),
    must("review_profile", filled()),
    must("source_manifest", filled()),
    must("verdict", one_of(VERDICTS)),
    must(
        "summary",
        open(&[
            must("artifact_count", integer_from(0)),
            must("target_hosts", TEXTS),
            must("root_chain_digest", text()),
            must("scope_fidelity_verdict", one_of(VERDICTS)),
        ]),
    ),
    must("checks", list(Some(&CHECK))),
    must("scope_fidelity_report", free()),
    must(
        "public_safety",
        closed(&[
            must("live_target_execution", always(false)),
            must("protocol_adapter_work", always(false)),
            must("trust_authority_decision", always(false)),
            must("public_push", always(false)),
            must("static_analysis_only", always(true)),
        ]),
    ),
    must("non_claims", list(Some(&FILLED))),
]);

static CHECK: Rule =
    closed(&[must("name", filled()), must("status", one_of(VERDICTS)), must("detail", text()), may("count", integer_from(0))]);

/// The result of a guarded verification.
pub(super) static VERIFICATION_RESULT: Rule = closed(&[
    must("artifact_type", word("verification_result")),
    must("schema_version", word("v1")),
    must("schema_ref", word("schemas/verification_result.v1.schema.json")),
    must("profile", filled()),
    must("security_posture", filled()),
    must("status", one_of(&["pass", "fail"])),
    must("artifact_chain", one_of(CHECKED)),
    must("strict_lifecycle", one_of(&["pass", "fail", "not_checked", "not_applicable"])),
    must("kernel_guard", one_of(CHECKED)),
    may("ticket_use", one_of(&["pass", "fail", "review"])),
    may("ticket_use_applicability", text()),
    must("replay", one_of(CHECKED)),
    must("public_identity", one_of(&["not_claimed"])),
    must("runtime_enforcement", one_of(&["not_claimed"])),
    must("entry_count", integer_from(0)),
    must("checked_entries", TEXTS),
    must("root_chain_digest", text_from(HEX_DIGITS)),
    must("guard_profile", filled()),
    must("guard_root_tag", text_from(HEX_DIGITS)),
    must("key_id", filled()),
    may("failure_reason", text()),
]);

const PUBLIC_SAFETY: Rule = closed(&[
    must("live_target_execution", always(false)),
    must("protocol_adapter_work", always(false)),
    must("public_push", always(false)),
    must("static_analysis_only", always(true)),
]);

/// Hosts of one request against its scope.
pub(super) static SCOPE_FIDELITY_REPORT_1: Rule = closed(&[
    must("artifact_type", word("scope_fidelity_report")),
    must("schema_version", word("v0.1")),
    must("schema_ref", word("schemas/scope_fidelity_report.v0.1.schema.json")),
    must("generated_at", filled()),
    must("target", text()),
    must("target_host", text()),
    must("target_in_scope", boolean_or_null()),
    must("source_artifact", text()),
    must("verdict", one_of(VERDICTS)),
    must(
        "request_shape",
        closed(&[
            must("arg_hosts_detected", TEXTS),
            must("execution_plan_hosts_detected", TEXTS),
            must("all_hosts_detected", TEXTS),
            must("mismatched_hosts_detected", TEXTS),
            must("target_host_match_status", one_of(&["exact", "mixed", "none_detected"])),
            must("request_shape_hygiene_status", one_of(&["clean", "ambiguous", "cross_host_mismatch"])),
            must("request_shape_hygiene_reason", text()),
            must("request_shape_hygiene_source", text()),
        ]),
    ),
    must("public_safety", PUBLIC_SAFETY),
    must("limitations", list(Some(&FILLED))),
]);

/// Hosts of a lifecycle against one another.
pub(super) static SCOPE_FIDELITY_REPORT_2: Rule = closed(&[
    must("artifact_type", word("scope_fidelity_report")),
    must("schema_version", word("v0.2")),
    must("schema_ref", word("schemas/scope_fidelity_report.v0.2.schema.json")),
    must("generated_at", filled()),
    must("source_artifact", text()),
    must("verdict", one_of(VERDICTS)),
    must("lifecycle_targets", list(Some(&LIFECYCLE_TARGET))),
    must(
        "summary",
        closed(&[
            must("target_hosts", TEXTS),
            must("mismatched_hosts_detected", TEXTS),
            must("missing_roles", TEXTS),
            must(
                "lifecycle_target_status",
                one_of(&["consistent", "cross_role_target_mismatch", "incomplete_lifecycle", "no_explicit_targets"]),
            ),
            must("reason", text()),
        ]),
    ),
    must("public_safety", PUBLIC_SAFETY),
    must("limitations", list(Some(&FILLED))),
]);

static LIFECYCLE_TARGET: Rule = closed(&[
    must("role", filled()),
    must("artifact_type", text()),
    must("target", text()),
    must("target_host", text()),
    must("source", text()),
    must("status", one_of(&["explicit", "linked_no_explicit_target"])),
]);
