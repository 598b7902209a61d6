//! A body from memory.

use super::{json, reply, rpc};
use crate::secrets::Redactor;

/// Reads `bytes` as a document, keeps of it what shapes keep, and reads it as a reply of JSON-RPC.
///
/// # Panics
/// What is kept is no object: a broken promise.
///
/// # Errors
/// What a person would be told.
pub fn http_body(bytes: &[u8], redactor: &Redactor) -> Result<(), String> {
    let value = json::parse(bytes)?;
    for member in [None, Some("result"), Some("Version")] {
        let kept = reply::unwrapped(value.clone(), member);
        assert!(kept.is_object(), "a reading of JSON is an object");
        let written = redactor.redact_json(kept).to_string();
        json::parse(written.as_bytes()).map_err(|why| format!("what was read can not be read again: {why}"))?;
    }
    [false, true]
        .into_iter()
        .try_for_each(|with_token| rpc::check(&value, "the server", with_token, redactor))
        .map_err(|failure| failure.message)
}
