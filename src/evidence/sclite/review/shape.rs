//! The shape of a review bundle: which files there are and where the manifest says they are.

use super::super::documents::Documents;
use super::super::layout::{LIFECYCLE, MANIFEST, REVIEW_FILES};
use super::super::manifest::entries;
use super::super::refusal::{Refusal, RefusalClass};

/// Checks that the nine files are there and that the manifest names the six artifacts by their fixed names.
pub fn verify_shape(documents: &Documents<'_>) -> Result<(), Refusal> {
    let refused = |message: String| Refusal::new(RefusalClass::Shape, message);
    let bundle = documents.bundle();
    let required = LIFECYCLE.iter().map(|(_, file)| *file).chain([MANIFEST]).chain(REVIEW_FILES.map(|(_, file)| file));
    let missing: Vec<&str> = required.filter(|file| !bundle.contains(file)).collect();
    if !missing.is_empty() {
        return Err(refused(format!("missing review bundle files: {}", missing.join(", "))));
    }
    let manifest = documents.load(MANIFEST, RefusalClass::Shape)?.value();
    let entries = entries(manifest).ok_or_else(|| refused(format!("{MANIFEST} has no entries array")))?;
    let mut wrong = Vec::new();
    for (role, file) in LIFECYCLE {
        let path = entries.iter().rev().find(|entry| entry.role == role).map_or("", |entry| &entry.path);
        if path != file {
            wrong.push(format!("{role}:{}!={file}", if path.is_empty() { "missing" } else { path }));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(refused(format!("manifest paths do not match canonical review bundle shape: {}", wrong.join("; "))))
}
