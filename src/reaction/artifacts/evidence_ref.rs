//! References to evidence: relative paths that stay where they are.

use super::Rejected;
use crate::facts::text;

/// Longest reference, in characters.
const REF_MAX: usize = 256;

/// `reference` on one line of at most 256 characters.
///
/// # Errors
/// It is empty, absolute, an address, or leads out of its directory.
pub(super) fn bounded(reference: &str) -> Result<String, Rejected> {
    let line = text::collapse(reference, REF_MAX);
    let unsafe_ref = line.is_empty()
        || line.starts_with(['~', '/'])
        || line.contains("://")
        || line.contains('\\')
        || line.split('/').any(|segment| segment == "..");
    if unsafe_ref { Err(Rejected::new("unsafe_evidence_ref")) } else { Ok(line) }
}
