//! A body from memory.

use super::{json, rpc};
use crate::secrets::Redactor;

/// Reads `bytes` as a document, then as a reply of JSON-RPC.
///
/// # Errors
/// What a person would be told.
pub fn http_body(bytes: &[u8], redactor: &Redactor) -> Result<(), String> {
    let value = json::parse(bytes)?;
    [false, true]
        .into_iter()
        .try_for_each(|with_token| rpc::check(&value, "the server", with_token, redactor))
        .map_err(|failure| failure.message)
}
