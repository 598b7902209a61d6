//! The header of a record: what the Merkle tree of the log holds.

use jiff::Timestamp;

use super::Subject;
use super::json::{write_integer, write_text};
use crate::api::Digest;

/// Few headers are longer.
const USUAL: usize = 512;
/// What RFC 6962 puts before the data of a leaf.
const LEAF: u8 = 0;

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

/// The fields of a header as they were read, with the subject as text: a verification reads hundreds of thousands of them, and owns none.
#[derive(Debug, Clone, Copy)]
pub struct HeaderFields<'a> {
    /// As in [`Header`].
    pub origin: &'a str,
    /// The text form of the [`Subject`].
    pub subject: &'a str,
    /// As in [`Header`].
    pub seq: u64,
    /// As in [`Header`].
    pub kind: &'a str,
    /// As in [`Header`].
    pub prev: Digest,
    /// As in [`Header`].
    pub sealed_at: Timestamp,
    /// As in [`Header`].
    pub body: Digest,
}

impl Header {
    /// The canonical JSON.
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(USUAL);
        self.fields(&self.subject.to_string()).write(&mut out);
        out
    }

    /// The leaf hash of RFC 6962: SHA-256 of a zero byte and the canonical JSON. It names the record.
    pub fn leaf(&self) -> Digest {
        self.fields(&self.subject.to_string()).leaf(&mut Vec::with_capacity(USUAL))
    }

    /// The same fields; `subject` is the text form of the header's own.
    fn fields<'a>(&'a self, subject: &'a str) -> HeaderFields<'a> {
        let Self { origin, subject: _, seq, kind, prev, sealed_at, body } = self;
        HeaderFields { origin, subject, seq: *seq, kind, prev: *prev, sealed_at: *sealed_at, body: *body }
    }
}

impl HeaderFields<'_> {
    /// Appends the canonical JSON: written by hand in key order.
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"body\":\"");
        out.extend_from_slice(&self.body.hex());
        out.extend_from_slice(b"\",\"kind\":");
        write_text(self.kind, out);
        out.extend_from_slice(b",\"origin\":");
        write_text(self.origin, out);
        out.extend_from_slice(b",\"prev\":\"");
        out.extend_from_slice(&self.prev.hex());
        out.extend_from_slice(b"\",\"sealed_ms\":");
        let sealed = self.sealed_at.as_millisecond();
        write_integer(sealed < 0, sealed.unsigned_abs(), out);
        out.extend_from_slice(b",\"seq\":");
        write_integer(false, self.seq, out);
        out.extend_from_slice(b",\"subject\":");
        write_text(self.subject, out);
        out.push(b'}');
    }

    /// As [`Header::leaf`]. `scratch` is written over: whoever hashes many keeps it.
    pub fn leaf(&self, scratch: &mut Vec<u8>) -> Digest {
        scratch.clear();
        scratch.push(LEAF);
        self.write(scratch);
        Digest::of(scratch)
    }
}
