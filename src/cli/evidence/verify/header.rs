//! Reading a record's header.

use jiff::Timestamp;
use serde::Deserialize;

use crate::api::Digest;
use crate::evidence::{Header, Subject};

/// The header as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    body: Digest,
    kind: String,
    origin: String,
    prev: Digest,
    sealed_ms: i64,
    seq: u64,
    subject: String,
}

/// Reads a header that is written exactly as it is hashed; `None` for anything else.
pub fn read(bytes: &[u8]) -> Option<Header> {
    let written: Written = serde_json::from_slice(bytes).ok()?;
    let header = Header {
        origin: written.origin,
        subject: Subject::parse(&written.subject)?,
        seq: written.seq,
        kind: written.kind,
        prev: written.prev,
        sealed_at: Timestamp::from_millisecond(written.sealed_ms).ok()?,
        body: written.body,
    };
    (header.canonical() == bytes).then_some(header)
}
