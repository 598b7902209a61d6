//! Parts of a record: the artifacts that its body binds by digest.

use std::borrow::Cow;

use super::json::{self, Json};
use super::members::{Members, object};
use super::pack;
use crate::api::Digest;

/// Name of the part that holds what is shown and not exported: words for people, facts as they were read.
pub const DETAIL: &str = "detail";

/// One artifact of a record, as canonical JSON. Only this stage makes one, of names, digests, numbers, instants and texts that have
/// passed the Redactor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    name: &'static str,
    bytes: Vec<u8>,
    digest: Digest,
    shared: bool,
    packed: Packed,
}

/// The blob in which a shared part is stored, when it was made ahead. It follows from the part, so it makes no two of them differ.
#[derive(Debug, Clone, Default)]
struct Packed(Option<Vec<u8>>);

impl PartialEq for Packed {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Packed {}

impl Part {
    /// A part of this record alone; stored with it.
    pub(super) fn own(name: &'static str, write: impl FnOnce(&mut Members<'_>)) -> Self {
        Self::new(name, object(write), false)
    }

    /// A part that many records have in common; stored once, by content.
    pub(super) fn shared(name: &'static str, write: impl FnOnce(&mut Members<'_>)) -> Self {
        Self::new(name, object(write), true)
    }

    /// A part of this record alone, out of a value that is put together already.
    pub(super) fn of(name: &'static str, value: &Json) -> Self {
        Self::new(name, json::canonical(value), false)
    }

    fn new(name: &'static str, bytes: Vec<u8>, shared: bool) -> Self {
        Self { name, digest: Digest::of(&bytes), bytes, shared, packed: Packed::default() }
    }

    /// The name: a role of the bundle (`execution_receipt`), or [`DETAIL`].
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Canonical JSON.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the canonical JSON.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether it is stored by content.
    pub const fn is_shared(&self) -> bool {
        self.shared
    }

    /// Compresses it now: whoever stores many parts, one after the other, need not do it then.
    pub(super) fn pack_ahead(&mut self) {
        self.packed = Packed(Some(self.packed().into_owned()));
    }

    /// Whether that was done: nobody has stored such a part yet, as far as its maker knows.
    pub const fn is_packed(&self) -> bool {
        self.packed.0.is_some()
    }

    /// The blob in which it is stored by content.
    pub fn packed(&self) -> Cow<'_, [u8]> {
        self.packed.0.as_deref().map_or_else(|| Cow::Owned(pack([(self.name, self.bytes.as_slice())])), Cow::Borrowed)
    }

    /// Gives up the bytes where the blob stands for them.
    pub(super) fn drop_packed(&mut self) {
        if self.packed.0.is_some() {
            self.bytes = Vec::new();
        }
    }
}
