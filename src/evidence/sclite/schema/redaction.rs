//! The policy of a redaction and its receipt.

use super::common::TEXTS;
use super::rule::{Rule, always, boolean, closed, filled, integer_from, list, must, one_of, open, text, word};

/// What is taken out.
pub(super) static REDACTION_POLICY: Rule = closed(&[
    must("artifact_type", word("redaction_policy")),
    must("schema_version", word("v0.1")),
    must("policy_id", filled()),
    must("mode", filled()),
    must("rules", list(Some(&RULE))),
    must(
        "public_safety",
        closed(&[
            must("live_target_execution", always(false)),
            must("raw_live_evidence_included", always(false)),
            must("raw_stdout_stderr_included", always(false)),
            must("credentials_included", always(false)),
            must("private_paths_included", always(false)),
        ]),
    ),
    must("non_claims", TEXTS),
]);

static RULE: Rule = open(&[
    must("rule_id", filled()),
    must("description", text()),
    must("applies_to", TEXTS),
    must("action", filled()),
    must("replacement", text()),
]);

/// What was taken out.
pub(super) static REDACTION_RECEIPT: Rule = closed(&[
    must("artifact_type", word("redaction_receipt")),
    must("schema_version", word("v0.1")),
    must("generated_at", filled()),
    must("policy", closed(&[must("policy_id", text()), must("policy_hash", filled())])),
    must("source", SIDE),
    must("redacted", SIDE),
    must("status", one_of(&["redacted", "unchanged"])),
    must(
        "summary",
        closed(&[
            must("rules_considered", integer_from(0)),
            must("changed_paths_estimate", integer_from(0)),
            must("source_and_redacted_hash_match", boolean()),
        ]),
    ),
    must(
        "public_safety",
        closed(&[
            must("raw_source_included", always(false)),
            must("raw_live_evidence_included", always(false)),
            must("raw_stdout_stderr_included", always(false)),
            must("credentials_included", always(false)),
            must("private_paths_included", always(false)),
        ]),
    ),
    must("non_claims", TEXTS),
]);

const SIDE: Rule = closed(&[must("label", text()), must("hash", filled())]);
