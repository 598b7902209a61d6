//! The kernel guard of one bundle.

use crate::api::Digest;
use crate::evidence::json::{Json, Limits, pretty, read};
use crate::evidence::sclite::guard::{GuardKey, build_guard};

/// What people call the key.
const KEY_ID: &str = "tecrax-operator-guard-key";

/// The file of the guard over `manifest`, the bytes of a finished manifest. `leaf` names the record: a nonce must never be used for
/// anything else, and a record is nothing else.
///
/// # Errors
/// What is wrong with the manifest.
pub fn of(manifest: &[u8], key: &GuardKey, leaf: &Digest) -> Result<Vec<u8>, String> {
    let manifest = read(manifest, &Limits::STRICT).map_err(|error| format!("its manifest: {error}"))?.value;
    let entries = manifest.get("entries").and_then(Json::as_array).map_or(0, <[Json]>::len);
    let nonces: Vec<String> = (0..entries)
        .map(|entry| Digest::of_parts([&b"kernel guard nonce"[..], leaf.as_bytes(), &entry.to_be_bytes()]).to_string())
        .collect();
    let guard = build_guard(&manifest, key, KEY_ID, &nonces).map_err(|refusal| refusal.to_string())?;
    Ok(pretty(&guard).into_bytes())
}
