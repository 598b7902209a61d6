//! The guarded-strict profile: lifecycle, guard, and the use of the ticket with nothing left to words.

use super::artifact::Artifact;
use super::documents::Documents;
use super::documents::inside;
use super::guard::{GuardKey, verify_guard};
use super::layout::{GUARD, MANIFEST};
use super::manifest::entries;
use super::refusal::{Refusal, RefusalClass};
use super::ticket::{ProfileStatus, TicketRules, TicketUseProfile, use_profile};
use crate::evidence::json::Json;

/// A bundle that meets the profile.
#[derive(Debug)]
pub struct SecureOutcome {
    /// Which key it was, as the guard says.
    pub key_id: String,
    /// The tag of the whole.
    pub root_tag: String,
    /// The use of the ticket: passed, or `review` where there is no ticket of version 0.3.
    pub ticket_use: TicketUseProfile,
    /// The result as an artifact.
    pub result: Json,
}

/// Checks a bundle against the profile; the first thing that does not hold is told. Replays are not looked for.
pub fn verify_secure_bundle(documents: &Documents<'_>, key: &GuardKey) -> Result<SecureOutcome, Refusal> {
    let refused = |message: String| Refusal::new(RefusalClass::SecureBundle, message);
    for (file, what) in [(MANIFEST, "artifact-chain manifest"), (GUARD, "kernel guard sidecar")] {
        if !documents.bundle().contains(file) {
            return Err(refused(format!("missing {what}: {}", documents.bundle().named(file))));
        }
    }
    let manifest = documents.load(MANIFEST, RefusalClass::SecureBundle)?.value();
    let guard = documents.load(GUARD, RefusalClass::SecureBundle)?;
    let outcome = verify_guard(manifest, guard, key, documents).map_err(|refusal| match refusal.class {
        RefusalClass::Guard => refused(refusal.message),
        _ => refusal,
    })?;
    let artifact = |role: &str| by_role(manifest, documents, role);
    let ticket_use = use_profile(artifact, TicketRules::STRICT)?;
    if ticket_use.status == ProfileStatus::Fail {
        return Err(refused(format!("ticket-use verification failed:{}", ticket_use.detail)));
    }
    let result = Json::from([
        ("artifact_chain", Json::from("pass")),
        ("artifact_type", Json::from("verification_result")),
        ("checked_entries", outcome.chain.roles.iter().map(String::as_str).collect()),
        ("entry_count", Json::from(outcome.chain.roles.len() as u64)),
        ("guard_profile", Json::from("kernel_guard_hmac_v1")),
        ("guard_root_tag", Json::from(outcome.root_tag.as_str())),
        ("kernel_guard", Json::from("pass")),
        ("key_id", Json::from(outcome.key_id.as_str())),
        ("profile", Json::from("guarded-strict")),
        ("public_identity", Json::from("not_claimed")),
        ("replay", Json::from("not_checked")),
        ("root_chain_digest", Json::from(outcome.chain.root.as_str())),
        ("runtime_enforcement", Json::from("not_claimed")),
        ("schema_ref", Json::from("schemas/verification_result.v1.schema.json")),
        ("schema_version", Json::from("v1")),
        ("security_posture", Json::from("guarded_domain_auth")),
        ("status", Json::from("pass")),
        ("strict_lifecycle", Json::from("pass")),
        ("ticket_use", Json::from(ticket_use.status.word())),
        ("ticket_use_applicability", Json::from(ticket_use.applicability.word())),
    ]);
    Ok(SecureOutcome { key_id: outcome.key_id, root_tag: outcome.root_tag, ticket_use, result })
}

/// The artifact of a role in a chain that holds.
fn by_role<'a>(manifest: &Json, documents: &'a Documents<'_>, role: &str) -> Option<&'a Artifact> {
    let entries = entries(manifest)?;
    let entry = entries.iter().rev().find(|entry| entry.role == role)?;
    documents.artifact(&inside(&entry.path)?).ok()
}
