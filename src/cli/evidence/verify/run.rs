//! The bundle of one run of an export.

use std::path::Path;

use serde_json::Value;

use super::super::super::exit::Failure;
use super::super::layout::{BUNDLES, record_path};
use super::bundle::{judge, load};
use super::outcome::Outcome;
use crate::evidence::Subject;
use crate::evidence::sclite::findings::Replays;
use crate::evidence::sclite::guard::GuardKey;
use crate::evidence::sclite::layout::{LIFECYCLE, MANIFEST};
use crate::evidence::sclite::{Documents, verify_bundle};

/// Checks the bundle of a run against its body.
///
/// # Errors
/// [`super::super::super::exit::Exit::Io`] when a directory can not be listed.
pub fn check(
    root: &Path,
    subject: &Subject,
    seq: u64,
    body: Option<&Value>,
    key: Option<&GuardKey>,
    replays: &mut Replays,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    let at = record_path(BUNDLES, subject, seq);
    let loaded = load(&root.join(&at), &at)?;
    for (path, what) in &loaded.unreadable {
        outcome.wrong(format!("{at}/{path}"), what.as_str());
    }
    judge(&verify_bundle(&loaded.bundle, key), &format!("{at}/"), outcome);
    for finding in replays.add(&loaded.bundle) {
        outcome.wrong(finding.file.as_str(), format!("{} [{}]", finding.message, finding.code.as_str()));
    }
    let Some(body) = body else { return Ok(()) };
    let documents = Documents::new(&loaded.bundle);
    let root_digest = documents.artifact(MANIFEST).ok().and_then(|manifest| manifest.get("root_chain_digest")?.as_str());
    if root_digest.is_none() || root_digest != body.get("root").and_then(Value::as_str) {
        outcome.wrong(format!("{at}/{MANIFEST}"), "its root is not the one that the record's body binds");
    }
    let bound = |role: &str| body.get("parts").and_then(|parts| parts.get(role)).and_then(Value::as_str);
    for (role, file) in LIFECYCLE {
        if documents.artifact(file).ok().map(crate::evidence::sclite::Artifact::digest) != bound(role) {
            outcome.wrong(format!("{at}/{file}"), "it is not the artifact that the record's body binds");
        }
    }
    Ok(())
}
