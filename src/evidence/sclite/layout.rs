//! Names of files, roles and schemas of bundles.

/// Roles of a lifecycle chain in order, each with its file.
pub const LIFECYCLE: [(&str, &str); 6] = [
    ("intent_contract", "01_intent_contract.json"),
    ("policy_decision", "02_policy_decision.json"),
    ("execution_contract", "03_execution_contract.json"),
    ("execution_ticket", "04_execution_ticket.json"),
    ("execution_receipt", "05_execution_receipt.json"),
    ("evidence_contract", "06_evidence_contract.json"),
];

/// Roles of a reaction chain in order, each with its file; the last one may be absent.
pub const REACTION: [(&str, &str); 4] = [
    ("observation", "01_observation.json"),
    ("finding", "02_finding.json"),
    ("reaction_plan", "03_reaction_plan.json"),
    ("execution_receipt", "04_execution_receipt.json"),
];

/// The manifest of a lifecycle chain.
pub const MANIFEST: &str = "artifact_chain_manifest.json";
/// The manifest of a reaction chain.
pub const REACTION_MANIFEST: &str = "reaction_chain_manifest.json";
/// What is proposed to a person, beside a reaction chain of ours.
pub const PROPOSAL: &str = "escalation_proposal.json";
/// The page for people.
pub const REVIEW_PAGE: &str = "REVIEW.md";
/// The review record of the freshly written bundle.
pub const REVIEW_RECORD: &str = "verification_receipt.json";
/// The reference to a trust profile.
pub const TRUST_REFERENCE: &str = "trust_profile_ref.json";
/// The reference to a carrier.
pub const CARRIER_REFERENCE: &str = "carrier_profile_ref.json";
/// The kernel guard.
pub const GUARD: &str = "kernel_guard_manifest.json";

/// Both files that a review bundle must have beside the chain, each with the role that records give it.
pub(super) const REVIEW_FILES: [(&str, &str); 2] = [("review_markdown", REVIEW_PAGE), ("verification_receipt", REVIEW_RECORD)];

/// Other files that a bundle may have: references, guard, and the trail of a redaction.
pub(super) const OPTIONAL_FILES: [&str; 6] =
    [TRUST_REFERENCE, CARRIER_REFERENCE, GUARD, "redaction_policy.json", "redaction_receipt.json", "redacted_tool_output.json"];

/// Profile of manifests of lifecycle chains that we write.
pub const LIFECYCLE_PROFILE: &str = "sclite-v0.5-rexecop-integrity";
/// Profile of manifests of reaction chains.
pub const REACTION_PROFILE: &str = "sclite-reaction-v0.1";

/// Profiles of manifests that `sclite-core` 2.0.1 knows.
pub(super) const MANIFEST_PROFILES: [&str; 7] = [
    "sclite-v0.2-integrity-only",
    "sclite-v0.5-govengine-integration-integrity",
    LIFECYCLE_PROFILE,
    "sclite-v0.5-review-bundle-integrity-only",
    "sclite-v0.5-bad-cross-host-integrity",
    "sclite-v0.6-alpha-local-admin-change",
    REACTION_PROFILE,
];

/// Versions and schemas that a role may declare, as `version:schema`.
pub(super) fn schema_identities(role: &str) -> &'static [&'static str] {
    match role {
        "intent_contract" => &["v0.2:schemas/intent_contract.v0.2.schema.json"],
        "policy_decision" => &["v0.2:schemas/policy_decision.v0.2.schema.json"],
        "execution_contract" => &["v0.2:schemas/execution_contract.v0.2.schema.json"],
        "execution_ticket" => {
            &["v0.2:schemas/execution_ticket.v0.2.schema.json", "v0.3:schemas/execution_ticket.v0.3.schema.json"]
        }
        "execution_receipt" => &["v0.2:schemas/execution_receipt.v0.2.schema.json"],
        "evidence_contract" => &["v0.2:schemas/evidence_contract.v0.2.schema.json"],
        _ => &[],
    }
}

/// States of an approval under which a run may happen.
pub(super) const APPROVED: [&str; 2] = ["approved", "approved_for_dry_run"];

/// States of a receipt in which nothing was completed.
pub(super) const BLOCKED: [&str; 6] = ["blocked", "rejected", "denied", "failed", "skipped", "not_executed"];
