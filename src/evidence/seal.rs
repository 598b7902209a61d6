//! How a record is sealed.

use jiff::Timestamp;

use super::json::{Json, Object, canonical};
use super::{DETAIL, Header, Part, RecordKind, Redacted, Subject, pack};
use crate::api::Digest;

/// The end of a sequence: what the next record binds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Sequence number of the last record; 0 when there is none.
    pub seq: u64,
    /// Leaf hash of the last record; 32 zero bytes when there is none.
    pub leaf: Digest,
}

impl Head {
    /// The head of an empty sequence.
    pub const fn empty() -> Self {
        Self { seq: 0, leaf: Digest::ZERO }
    }
}

/// One record of the log, ready to be stored. Only [`seal`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealed {
    header: Header,
    leaf: Digest,
    body: Vec<u8>,
    stored: Option<Vec<u8>>,
    parts: Vec<Part>,
}

/// Seals `body` with its `parts` as the record after `head` in the sequence of `subject`.
///
/// A body with parts gets two more keys: `parts` (name → SHA-256 of the part's canonical JSON) and `stored` (SHA-256 of the blob
/// in which the record's own parts are kept). So the leaf binds the header, the header the body, and the body every part.
pub fn seal(
    origin: &str,
    subject: &Subject,
    head: Head,
    kind: RecordKind,
    body: Redacted,
    parts: Vec<Part>,
    sealed_at: Timestamp,
) -> Sealed {
    let mut body = body.into_value();
    let mut stored = None;
    if let Json::Object(members) = &mut body
        && !parts.is_empty()
    {
        let digests: Object = parts.iter().map(|part| (part.name(), part.digest().to_string())).collect();
        members.insert("parts", digests);
        let own: Vec<&Part> = parts.iter().filter(|part| !part.is_shared()).collect();
        if !own.is_empty() {
            let blob = pack(own.iter().map(|part| (part.name(), part.bytes())));
            members.insert("stored", Digest::of(&blob).to_string());
            stored = Some(blob);
        }
    }
    let body = canonical(&body);
    let header = Header {
        origin: origin.to_owned(),
        subject: subject.clone(),
        seq: head.seq + 1,
        kind: kind.as_str().to_owned(),
        prev: head.leaf,
        sealed_at,
        body: Digest::of(&body),
    };
    let leaf = header.leaf();
    Sealed { header, leaf, body, stored, parts }
}

impl Sealed {
    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The leaf hash: the record's name.
    pub const fn leaf(&self) -> Digest {
        self.leaf
    }

    /// Canonical JSON of the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The blob with the record's own parts.
    pub fn stored(&self) -> Option<&[u8]> {
        self.stored.as_deref()
    }

    /// The parts that are stored by content.
    pub fn shared(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.is_shared())
    }

    /// One part by name.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name() == name)
    }

    /// The head after this record.
    pub const fn head(&self) -> Head {
        Head { seq: self.header.seq, leaf: self.leaf }
    }

    /// What a fold reads.
    pub fn record(&self) -> Record<'_> {
        Record { header: &self.header, leaf: self.leaf, body: &self.body, detail: self.part(DETAIL).map(Part::bytes) }
    }
}

/// What a fold over the log reads of a record, whether it has just been sealed or comes out of the store.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The header.
    pub header: &'a Header,
    /// The leaf hash.
    pub leaf: Digest,
    /// Canonical JSON of the body.
    pub body: &'a [u8],
    /// The part [`DETAIL`], when there is one.
    pub detail: Option<&'a [u8]>,
}
