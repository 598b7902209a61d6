//! How a record is sealed.

use jiff::Timestamp;

use super::json::{Json, Object, canonical};
use super::shared::{self, Ahead};
use super::{DETAIL, Header, Part, RecordKind, Redacted, Shared, Subject, pack};
use crate::api::Digest;

/// The end of a sequence: what the next record binds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Sequence number of the last record; 0 when there is none.
    pub seq: u64,
    /// Leaf hash of the last record; 32 zero bytes when there is none.
    pub leaf: Digest,
}

impl Default for Head {
    fn default() -> Self {
        Self::empty()
    }
}

impl Head {
    /// The head of an empty sequence.
    pub const fn empty() -> Self {
        Self { seq: 0, leaf: Digest::ZERO }
    }
}

/// One record of the log, ready to be stored. Only this stage makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealed {
    header: Header,
    leaf: Digest,
    body: Vec<u8>,
    stored: Option<Vec<u8>>,
    parts: Vec<Part>,
    ahead: Ahead,
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
    let (digests, stored) = packed(&parts);
    if let Json::Object(members) = &mut body
        && !parts.is_empty()
    {
        members.insert("parts", digests.into_iter().map(|(name, digest)| (name, digest.to_string())).collect::<Object>());
        if let Some(blob) = &stored {
            members.insert("stored", Digest::of(blob).to_string());
        }
    }
    seal_written(origin, subject, head, kind, canonical(&body), stored, parts, sealed_at)
}

/// The digests of `parts` by name, sorted, and the blob of those that are the record's own.
pub(super) fn packed(parts: &[Part]) -> (Vec<(&'static str, Digest)>, Option<Vec<u8>>) {
    let mut digests: Vec<_> = parts.iter().map(|part| (part.name(), part.digest())).collect();
    digests.sort_unstable_by_key(|(name, _)| *name);
    let mut own = parts.iter().filter(|part| !part.is_shared()).peekable();
    let stored = own.peek().is_some().then(|| pack(own.map(|part| (part.name(), part.bytes()))));
    (digests, stored)
}

/// Seals a body that is canonical and binds `parts` and `stored` already.
#[expect(clippy::too_many_arguments, reason = "each is one field of the record")]
pub(super) fn seal_written(
    origin: &str,
    subject: &Subject,
    head: Head,
    kind: RecordKind,
    body: Vec<u8>,
    stored: Option<Vec<u8>>,
    parts: Vec<Part>,
    sealed_at: Timestamp,
) -> Sealed {
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
    Sealed { header, leaf, body, stored, parts, ahead: Ahead::default() }
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

    /// Compresses the shared parts now: nobody has stored them yet, and whoever stores many records, one after the other, need not do
    /// it then.
    pub(super) fn pack_ahead(&mut self) {
        self.ahead = Ahead(Some(shared::packed(&self.parts)));
    }

    /// Gives up what nobody needs who stores the record and folds it: the bytes of parts that [`Sealed::stored`] or the blob of the
    /// shared ones holds. Hundreds of runs wait for their commit at a time.
    pub fn drop_packed(&mut self) {
        self.parts.retain(|part| part.is_shared() || part.name() == DETAIL);
        if self.ahead.0.is_some() {
            self.parts.iter_mut().filter(|part| part.is_shared()).for_each(Part::drop_bytes);
        }
    }

    /// The parts that are stored by content; `None` when there are none.
    pub fn shared(&self) -> Option<Shared<'_>> {
        Shared::among(&self.parts, &self.ahead)
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
