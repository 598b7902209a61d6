//! Content from memory.

use serde_json::Value;

use super::{json, reply, rpc};
use crate::secrets::Redactor;

/// Reads `bytes` as the content of a reply.
///
/// # Errors
/// Why they are no JSON that is taken; one line.
pub fn http_json(bytes: &[u8]) -> Result<Value, String> {
    json::parse(bytes)
}

/// What a shape keeps of a reply: all of it, or one member.
pub fn http_kept(value: Value, member: Option<&str>, redactor: &Redactor) -> Value {
    redactor.redact_json(reply::unwrapped(value, member))
}

/// Reads a reply of JSON-RPC, with or without a token in the request.
///
/// # Errors
/// What a person would be told.
pub fn http_rpc(value: &Value, with_token: bool, redactor: &Redactor) -> Result<(), String> {
    rpc::check(value, "the server", with_token, redactor).map_err(|failure| failure.message)
}
