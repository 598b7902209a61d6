//! Making a guard.

use super::super::manifest::Entry;
use super::super::refusal::{Refusal, RefusalClass};
use super::transcript::{Frame, metadata_digest};
use super::{ALGORITHM, GuardKey, PROFILE, SCHEMA};
use crate::evidence::json::Json;

/// Makes the guard of a finished manifest. `nonces` has one text for each entry, random and never used again; `key_id` tells
/// people which key it was. Refused when an entry has no descriptor or the numbers of entries and nonces differ.
pub fn build_guard(manifest: &Json, key: &GuardKey, key_id: &str, nonces: &[String]) -> Result<Json, Refusal> {
    let refused = |message: &str| Refusal::new(RefusalClass::Guard, message);
    let values = manifest.get("entries").and_then(Json::as_array).unwrap_or_default();
    let entries: Option<Vec<Entry<'_>>> = values.iter().map(Entry::of).collect();
    let is_list = manifest.get("entries").is_some_and(|entries| entries.as_array().is_some());
    let entries = entries.filter(|_| is_list).ok_or_else(|| refused("manifest.entries is not an array of objects"))?;
    if nonces.len() != entries.len() {
        return Err(refused("kernel guard needs one nonce for each entry"));
    }
    let frame = Frame { manifest, key_id, count: entries.len() };
    let mut guards = Vec::with_capacity(entries.len());
    let (mut first, mut last) = (None, String::new());
    for (seq, (entry, nonce)) in entries.iter().zip(nonces).enumerate() {
        let transcript = frame.entry(seq, entry, &last, nonce);
        let mut guard = transcript.ok_or_else(|| refused("manifest entry missing descriptor"))?;
        last = key.tag(&Json::Object(guard.clone()));
        first.get_or_insert_with(|| last.clone());
        guard.insert("tag", last.as_str());
        guards.push(Json::Object(guard));
    }
    let first = first.unwrap_or_default();
    Ok(Json::from([
        ("algorithm", Json::from(ALGORITHM)),
        ("artifact_type", Json::from("kernel_guard_manifest")),
        ("chain_id", frame.chain_id()),
        ("entry_count", Json::from(frame.count as u64)),
        ("entry_guards", Json::Array(guards)),
        ("first_tag", Json::from(first.as_str())),
        ("key_id", Json::from(key_id)),
        ("last_tag", Json::from(last.as_str())),
        ("manifest_metadata_digest", Json::from(metadata_digest(manifest))),
        ("profile", Json::from(PROFILE)),
        ("root_chain_digest", frame.root_digest()),
        ("root_tag", Json::from(key.tag(&frame.root(&first, &last)))),
        ("schema_ref", Json::from(SCHEMA)),
        ("schema_version", Json::from("v0.1")),
    ]))
}
