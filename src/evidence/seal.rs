//! Records of the log and how they are sealed.

use jiff::Timestamp;
use serde_json::Value;

use super::canonical;
use crate::api::{Digest, PairId};
use crate::secrets::Redactor;

/// What a record is about. The set is open: a reader keeps records of kinds it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// One execution of one admitted plan.
    Run,
    /// The decision that followed a run.
    Reaction,
    /// A plan that policy refused.
    Denial,
    /// The pair is no longer desired.
    Tombstone,
}

impl RecordKind {
    /// The versioned word in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run.v1",
            Self::Reaction => "reaction.v1",
            Self::Denial => "denial.v1",
            Self::Tombstone => "tombstone.v1",
        }
    }
}

/// A body that has passed the Redactor. Only [`redact`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Redacted {
    value: Value,
}

impl Redacted {
    /// The body.
    pub const fn value(&self) -> &Value {
        &self.value
    }
}

/// Passes `value` through the Redactor: every text, keys included, and what stands under a key that names a secret.
pub fn redact(value: Value, redactor: &Redactor) -> Redacted {
    Redacted { value: redactor.redact_json(value) }
}

/// The end of a pair's chain: what the next record binds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Sequence number of the last record; 0 when there is none.
    pub seq: u64,
    /// Digest of the last record; 32 zero bytes when there is none.
    pub digest: Digest,
}

impl Head {
    /// The head of an empty chain.
    pub fn empty() -> Self {
        Self { seq: 0, digest: Digest::from_bytes(&[0; 32]).unwrap_or_else(|| Digest::of(b"")) }
    }
}

/// One record of the log, ready to be stored. Only [`seal`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealed {
    origin: String,
    pair: PairId,
    seq: u64,
    kind: RecordKind,
    prev: Digest,
    body: Vec<u8>,
    body_digest: Digest,
    digest: Digest,
    at: Timestamp,
}

/// Seals `body` as the record after `head` in the sequence of `pair`.
///
/// The record digest is SHA-256 over the length-prefixed origin, pair, sequence, kind, previous digest, instant and body digest.
pub fn seal(origin: &str, pair: &PairId, head: Head, kind: RecordKind, body: &Redacted, at: Timestamp) -> Sealed {
    let bytes = canonical(body.value());
    let body_digest = Digest::of(&bytes);
    let seq = head.seq + 1;
    let digest = Digest::of_parts([
        origin.as_bytes(),
        pair.to_string().as_bytes(),
        &seq.to_be_bytes(),
        kind.as_str().as_bytes(),
        head.digest.as_bytes(),
        &at.as_millisecond().to_be_bytes(),
        body_digest.as_bytes(),
    ]);
    Sealed { origin: origin.to_owned(), pair: pair.clone(), seq, kind, prev: head.digest, body: bytes, body_digest, digest, at }
}

impl Sealed {
    /// The log it belongs to.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The pair whose sequence it continues.
    pub const fn pair(&self) -> &PairId {
        &self.pair
    }

    /// Sequence number in the pair, from 1, without gaps.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// What it is about.
    pub const fn kind(&self) -> RecordKind {
        self.kind
    }

    /// Digest of the record before it.
    pub const fn prev(&self) -> Digest {
        self.prev
    }

    /// Canonical JSON of the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Digest of the body.
    pub const fn body_digest(&self) -> Digest {
        self.body_digest
    }

    /// Digest of the record.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// When it was sealed.
    pub const fn sealed_at(&self) -> Timestamp {
        self.at
    }

    /// The head after this record.
    pub const fn head(&self) -> Head {
        Head { seq: self.seq, digest: self.digest }
    }
}
