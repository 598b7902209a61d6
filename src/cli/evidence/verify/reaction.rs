//! The reaction chain of one record of an export.

use std::path::Path;

use serde_json::Value;

use super::super::super::exit::Failure;
use super::super::layout::{REACTIONS, record_path};
use super::bundle::{judge, load};
use super::outcome::Outcome;
use crate::evidence::sclite::layout::REACTION_MANIFEST;
use crate::evidence::sclite::{Artifact, Documents, verify_bundle};
use crate::evidence::{CHAIN_FILES, Subject};

/// Checks the chain of a record against its body; `there` says whether the export has one.
///
/// # Errors
/// [`super::super::super::exit::Exit::Io`] when a directory can not be listed.
pub fn check(
    root: &Path,
    subject: &Subject,
    seq: u64,
    there: bool,
    body: Option<&Value>,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    let at = record_path(REACTIONS, subject, seq);
    let bound = |part: &str| body?.get("parts")?.get(part)?.as_str();
    let has_chain = CHAIN_FILES.iter().any(|(part, file)| *file == REACTION_MANIFEST && bound(part).is_some());
    match (there, has_chain, body) {
        (false, false, _) => return Ok(()),
        (false, true, _) => {
            outcome.wrong(at, "it is missing: the record binds a chain");
            return Ok(());
        }
        (true, false, Some(_)) => outcome.wrong(at.as_str(), "the record of this number binds no chain"),
        _ => {}
    }
    let loaded = load(&root.join(&at), &at)?;
    for (path, what) in &loaded.unreadable {
        outcome.wrong(format!("{at}/{path}"), what.as_str());
    }
    judge(&verify_bundle(&loaded.bundle, None), &format!("{at}/"), outcome);
    let documents = Documents::new(&loaded.bundle);
    for (part, file) in CHAIN_FILES.iter().filter(|_| body.is_some()) {
        let artifact = documents.artifact(file).ok();
        if artifact.map(Artifact::digest) != bound(part) {
            outcome.wrong(format!("{at}/{file}"), "it is not the artifact that the record's body binds");
        }
        if let Some(Err(refusal)) = artifact.map(Artifact::keeps_schema) {
            outcome.wrong(format!("{at}/{file}"), refusal.to_string());
        }
    }
    Ok(())
}
