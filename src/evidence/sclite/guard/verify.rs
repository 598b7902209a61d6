//! Checking a guard.

use super::super::artifact::{Artifact, check};
use super::super::chain::{Chain, ChainRules, verify_chain};
use super::super::coerce;
use super::super::documents::Documents;
use super::super::lifecycle::verify_lifecycle;
use super::super::manifest::Entry;
use super::super::refusal::{Refusal, RefusalClass};
use super::transcript::{ENTRY_FIELDS, Frame, metadata_digest};
use super::{ALGORITHM, GuardKey, PROFILE, SCHEMA};
use crate::evidence::json::{Json, Object, loosely_equal};

/// A guard that holds, over a chain that holds.
#[derive(Debug)]
pub struct GuardOutcome<'a> {
    /// The chain.
    pub chain: Chain<'a>,
    /// Which key it was, as the guard says.
    pub key_id: String,
    /// The tag of the whole.
    pub root_tag: String,
}

/// Checks a guard over its manifest and the lifecycle chain in the files; the first thing that does not hold is told. A broken
/// schema of an artifact is told as such.
pub fn verify_guard<'a>(
    manifest: &Json,
    guard: &Artifact,
    key: &GuardKey,
    documents: &'a Documents<'_>,
) -> Result<GuardOutcome<'a>, Refusal> {
    let guard = guard.value();
    check(guard, SCHEMA).map_err(|refusal| refused(format!("kernel guard schema validation failed:{}", refusal.message)))?;
    for (field, expected) in [("profile", PROFILE), ("algorithm", ALGORITHM)] {
        if guard.text_at(&[field]) != Some(expected) {
            return Err(refused(format!("kernel guard {field} mismatch")));
        }
    }
    let key_id = coerce::text(guard.get("key_id")).into_owned();
    if key_id.is_empty() {
        return Err(refused("kernel guard missing key_id"));
    }
    let chain = verify_chain(manifest, documents, &ChainRules::LIFECYCLE).map_err(as_guard)?;
    verify_lifecycle(&chain).map_err(as_guard)?;
    let entries: Vec<Entry<'_>> = super::super::manifest::entries(manifest).unwrap_or_default();
    let guards = guard.get("entry_guards").and_then(Json::as_array).unwrap_or_default();
    let frame = Frame { manifest, key_id: &key_id, count: entries.len() };
    counts(guard, guards, &frame)?;
    root_field(guard, "chain_id", &frame.chain_id())?;
    root_field(guard, "root_chain_digest", &frame.root_digest())?;
    root_field(guard, "manifest_metadata_digest", &Json::from(metadata_digest(manifest)))?;
    let (mut first, mut last) = (None, String::new());
    for (seq, (entry, guard)) in entries.iter().zip(guards).enumerate() {
        last = entry_tag(&frame, seq, (entry, guard), key, &last)?;
        first.get_or_insert_with(|| last.clone());
    }
    let first = first.unwrap_or_default();
    root_field(guard, "first_tag", &Json::from(first.as_str()))?;
    root_field(guard, "last_tag", &Json::from(last.as_str()))?;
    let root_tag = coerce::text(guard.get("root_tag")).into_owned();
    if !key.verifies(&frame.root(&first, &last), &root_tag) {
        return Err(refused("kernel guard root_tag mismatch"));
    }
    Ok(GuardOutcome { chain, key_id, root_tag })
}

fn refused(message: impl Into<String>) -> Refusal {
    Refusal::new(RefusalClass::Guard, message)
}

/// What the chain refuses, the guard refuses in the same words.
fn as_guard(refusal: Refusal) -> Refusal {
    if refusal.class == RefusalClass::Chain { refused(refusal.message) } else { refusal }
}

/// As many guards as entries, and as it says.
fn counts(guard: &Json, guards: &[Json], frame: &Frame<'_>) -> Result<(), Refusal> {
    // A guard over no entries never holds: upstream takes its 0 for absent.
    let said = guard.get("entry_count").and_then(Json::as_u64).filter(|count| *count > 0);
    if guards.len() != frame.count || said != Some(frame.count as u64) {
        return Err(refused("kernel guard entry_count mismatch"));
    }
    Ok(())
}

fn root_field(guard: &Json, field: &str, expected: &Json) -> Result<(), Refusal> {
    if guard.get(field).is_some_and(|said| loosely_equal(said, expected)) {
        return Ok(());
    }
    Err(refused(format!("kernel guard root {field} mismatch")))
}

/// The tag of an entry, when the guard has it and everything it is made over.
fn entry_tag(
    frame: &Frame<'_>,
    seq: usize,
    (entry, guard): (&Entry<'_>, &Json),
    key: &GuardKey,
    previous: &str,
) -> Result<String, Refusal> {
    let nonce = coerce::text(guard.get("nonce"));
    let transcript: Object =
        frame.entry(seq, entry, previous, &nonce).ok_or_else(|| refused("manifest entry missing descriptor"))?;
    for field in ENTRY_FIELDS {
        let (said, expected) = (guard.get(field), transcript.get(field));
        if !said.zip(expected).is_some_and(|(said, expected)| loosely_equal(said, expected)) {
            return Err(refused(format!("kernel guard entry[{seq}] {field} mismatch")));
        }
    }
    let tag = coerce::text(guard.get("tag"));
    if !key.verifies(&Json::Object(transcript), &tag) {
        return Err(refused(format!("kernel guard entry[{seq}] tag mismatch")));
    }
    Ok(tag.into_owned())
}
