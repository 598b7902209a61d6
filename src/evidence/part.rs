//! Parts of a record: the artifacts that its body binds by digest.

use super::json::{self, Json};
use super::members::{Members, object};
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
}

impl Part {
    /// A part of this record alone; stored with it.
    pub(super) fn own(name: &'static str, write: impl FnOnce(&mut Members<'_>)) -> Self {
        Self::new(name, object(write), false)
    }

    /// A part that many records have in common; stored once, by content: see [`super::Shared`].
    pub(super) fn shared(name: &'static str, write: impl FnOnce(&mut Members<'_>)) -> Self {
        Self::new(name, object(write), true)
    }

    /// A part of this record alone, out of a value that is put together already.
    pub(super) fn of(name: &'static str, value: &Json) -> Self {
        Self::new(name, json::canonical(value), false)
    }

    fn new(name: &'static str, bytes: Vec<u8>, shared: bool) -> Self {
        Self { name, digest: Digest::of(&bytes), bytes, shared }
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

    /// Gives up the bytes, where a blob stands for them.
    pub(super) fn drop_bytes(&mut self) {
        self.bytes = Vec::new();
    }
}
