//! What the manifest says beyond its digests.

use super::super::artifact::check;
use super::super::layout::{MANIFEST_PROFILES, REACTION_PROFILE};
use super::super::manifest::{Entry, entries};
use super::FindingCode;
use super::case::Case;
use crate::evidence::json::{Json, loosely_equal};

/// The schema of manifests.
const SCHEMA: &str = "schemas/artifact_chain_manifest.v0.2.schema.json";

pub(super) fn inspect(case: &mut Case<'_>) {
    let file = case.manifest_file();
    let Some(manifest) = case.artifact(file) else { return };
    let manifest = manifest.value();
    if let Err(refusal) = check(manifest, SCHEMA) {
        case.find(FindingCode::ManifestMetadata, file, format!("breaks its schema: {refusal}"));
    }
    profile(case, file, manifest);
    let policy = |key: &str| manifest.at(&["signature_policy", key]);
    let unsigned = policy("mode").and_then(Json::as_str) == Some("integrity_only")
        && policy("identity_signature_required").and_then(Json::as_bool) == Some(false);
    if !unsigned {
        let message = "signature_policy is not that of an unsigned chain; no verifier checks a signature";
        case.find(FindingCode::ManifestMetadata, file, message);
    }
    for (index, entry) in entries(manifest).unwrap_or_default().iter().enumerate() {
        inspect_entry(case, file, index, entry);
    }
}

fn profile(case: &mut Case<'_>, file: &str, manifest: &Json) {
    let profile = manifest.text_at(&["profile"]).unwrap_or_default();
    let fits = MANIFEST_PROFILES.contains(&profile) && (profile == REACTION_PROFILE) == case.is_reaction();
    if !fits {
        case.find(FindingCode::ManifestProfile, file, format!("{profile:?} is no profile of such a chain"));
    }
}

fn inspect_entry(case: &mut Case<'_>, file: &str, index: usize, entry: &Entry<'_>) {
    if entry.value.get("required").and_then(Json::as_bool) != Some(true) {
        let message = format!("entries[{index}]: {} is not required, although every artifact of a chain is", entry.role);
        case.find(FindingCode::ManifestMetadata, file, message);
    }
    let Some(artifact) = case.artifact(&entry.path) else { return };
    let Some(descriptor) = entry.value.get("descriptor") else { return };
    if descriptor != artifact.descriptor() && loosely_equal(descriptor, artifact.descriptor()) {
        let message = format!("entries[{index}].descriptor: a number is not written as the integer it stands for");
        case.find(FindingCode::InexactNumber, file, message);
    }
}
