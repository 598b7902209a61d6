//! The header of a record: what the Merkle tree of the log holds.

use jiff::Timestamp;

use super::Subject;
use super::json::{write_integer, write_text};
use crate::api::Digest;

/// The header of a record. Its canonical JSON is the leaf of the log's Merkle tree (RFC 6962): an auditor needs SHA-256 and a JSON
/// writer to recompute it, and no knowledge of ours.
///
/// `{"body":…,"kind":…,"origin":…,"prev":…,"sealed_ms":…,"seq":…,"subject":…}`: digests as 64 hex digits, the instant in
/// milliseconds since 1970 (UTC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The log it belongs to.
    pub origin: String,
    /// Whose sequence it continues.
    pub subject: Subject,
    /// Sequence number in the subject's sequence, from 1, without gaps.
    pub seq: u64,
    /// Versioned kind (`run.v1`). Open: a reader keeps records of kinds it does not know.
    pub kind: String,
    /// Leaf hash of the record before it in the sequence; 32 zero bytes for the first.
    pub prev: Digest,
    /// When it was sealed, in whole milliseconds.
    pub sealed_at: Timestamp,
    /// SHA-256 of the body's canonical JSON.
    pub body: Digest,
}

impl Header {
    /// The canonical JSON.
    pub fn canonical(&self) -> Vec<u8> {
        // Written by hand in key order: verifying a log does this for every record.
        let mut out = Vec::with_capacity(384);
        out.extend_from_slice(b"{\"body\":\"");
        out.extend_from_slice(&self.body.hex());
        out.extend_from_slice(b"\",\"kind\":");
        write_text(&self.kind, &mut out);
        out.extend_from_slice(b",\"origin\":");
        write_text(&self.origin, &mut out);
        out.extend_from_slice(b",\"prev\":\"");
        out.extend_from_slice(&self.prev.hex());
        out.extend_from_slice(b"\",\"sealed_ms\":");
        let sealed = self.sealed_at.as_millisecond();
        write_integer(sealed < 0, sealed.unsigned_abs(), &mut out);
        out.extend_from_slice(b",\"seq\":");
        write_integer(false, self.seq, &mut out);
        out.extend_from_slice(b",\"subject\":");
        write_text(&self.subject.to_string(), &mut out);
        out.push(b'}');
        out
    }

    /// The leaf hash of RFC 6962: SHA-256 of a zero byte and the canonical JSON. It names the record.
    pub fn leaf(&self) -> Digest {
        Digest::of_joined(&[&[0], &self.canonical()])
    }
}
