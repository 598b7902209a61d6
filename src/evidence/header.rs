//! The header of a record: what the Merkle tree of the log holds.

use jiff::Timestamp;

use super::Subject;
use super::canonical::write_text;
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
        let mut out = String::with_capacity(384);
        out.push_str("{\"body\":\"");
        self.body.write_hex(&mut out);
        out.push_str("\",\"kind\":");
        write_text(&mut out, &self.kind);
        out.push_str(",\"origin\":");
        write_text(&mut out, &self.origin);
        out.push_str(",\"prev\":\"");
        self.prev.write_hex(&mut out);
        out.push_str("\",\"sealed_ms\":");
        out.push_str(&self.sealed_at.as_millisecond().to_string());
        out.push_str(",\"seq\":");
        out.push_str(&self.seq.to_string());
        out.push_str(",\"subject\":");
        write_text(&mut out, &self.subject.to_string());
        out.push('}');
        out.into_bytes()
    }

    /// The leaf hash of RFC 6962: SHA-256 of a zero byte and the canonical JSON. It names the record.
    pub fn leaf(&self) -> Digest {
        Digest::of_joined(&[&[0], &self.canonical()])
    }
}
