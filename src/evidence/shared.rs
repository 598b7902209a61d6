//! Parts that many records have in common, as they are stored: together, once, by content.

use std::borrow::Cow;

use super::{Part, pack};
use crate::api::Digest;

/// The shared parts of one record. They stand in one blob under the digest of the last of them, which names all others in its text: the
/// contract links intent and decision. Compressed one by one, and with a row each, they made a first pass a twentieth longer.
#[derive(Debug, Clone, Copy)]
pub struct Shared<'a> {
    parts: &'a [Part],
    last: &'a Part,
    ahead: Option<&'a [u8]>,
}

/// The blob of shared parts when it was made ahead, by a thread that nobody waits for. It follows from the parts, so it makes no two
/// records differ.
#[derive(Debug, Clone, Default)]
pub(super) struct Ahead(pub(super) Option<Vec<u8>>);

impl PartialEq for Ahead {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<'a> Shared<'a> {
    /// Those among `parts`; `None` when there are none.
    pub(super) fn among(parts: &'a [Part], ahead: &'a Ahead) -> Option<Self> {
        let last = parts.iter().rfind(|part| part.is_shared())?;
        Some(Self { parts, last, ahead: ahead.0.as_deref() })
    }

    /// What they are stored under.
    pub const fn digest(&self) -> Digest {
        self.last.digest()
    }

    /// The digests of all but the last. Versions up to schema 6 stored each part under its own.
    pub fn others(&self) -> impl Iterator<Item = Digest> {
        let (parts, last) = (self.parts, self.digest());
        parts.iter().filter(move |part| part.is_shared() && part.digest() != last).map(Part::digest)
    }

    /// Whether nobody has stored them yet, as far as their maker knows.
    pub const fn is_new(&self) -> bool {
        self.ahead.is_some()
    }

    /// The blob.
    pub fn packed(&self) -> Cow<'a, [u8]> {
        self.ahead.map_or_else(|| Cow::Owned(packed(self.parts)), Cow::Borrowed)
    }
}

/// The blob of the shared ones among `parts`.
pub(super) fn packed(parts: &[Part]) -> Vec<u8> {
    pack(parts.iter().filter(|part| part.is_shared()).map(|part| (part.name(), part.bytes())))
}
