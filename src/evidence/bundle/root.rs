//! The root digest of a bundle's chain.

use crate::api::Digest;
use crate::evidence::Part;
use crate::evidence::json::write_text;
use crate::evidence::sclite::CANONICALIZATION;

/// The last digest of the chain over `parts` in their order: what `root_chain_digest` of the manifest is. Each part's name is its
/// role and its type.
pub(in crate::evidence) fn root<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Digest {
    let mut previous: Option<Digest> = None;
    let mut step = Vec::with_capacity(512);
    for part in parts {
        step.clear();
        // The canonical JSON of the step, keys in order.
        step.extend_from_slice(b"{\"algorithm\":\"sha256\",\"artifact_digest\":\"");
        step.extend_from_slice(&part.digest().hex());
        step.extend_from_slice(b"\",\"artifact_type\":");
        write_text(part.name(), &mut step);
        step.extend_from_slice(b",\"canonicalization\":");
        write_text(CANONICALIZATION, &mut step);
        step.extend_from_slice(b",\"previous_chain_digest\":\"");
        if let Some(previous) = previous {
            step.extend_from_slice(&previous.hex());
        }
        step.extend_from_slice(b"\",\"role\":");
        write_text(part.name(), &mut step);
        step.push(b'}');
        previous = Some(Digest::of(&step));
    }
    previous.unwrap_or(Digest::ZERO)
}
