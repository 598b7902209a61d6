//! Parts of a record: the artifacts that its body binds by digest.

use super::Redacted;
use super::json::{Json, write_canonical};
use crate::api::Digest;

/// Name of the part that holds what is shown and not exported: words for people, facts as they were read.
pub const DETAIL: &str = "detail";

/// One artifact of a record, as canonical JSON. Only a redacted value becomes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    name: &'static str,
    bytes: Vec<u8>,
    digest: Digest,
    shared: bool,
}

impl Part {
    /// A part of this record alone; stored with it.
    pub fn own(name: &'static str, value: &Redacted) -> Self {
        Self::new(name, value.value(), false)
    }

    /// A part that many records have in common; stored once, by content.
    pub fn shared(name: &'static str, value: &Redacted) -> Self {
        Self::new(name, value.value(), true)
    }

    fn new(name: &'static str, value: &Json, shared: bool) -> Self {
        /// Few artifacts are longer.
        const USUAL: usize = 4 << 10;
        let mut bytes = Vec::with_capacity(USUAL);
        write_canonical(value, &mut bytes);
        let digest = Digest::of(&bytes);
        Self { name, bytes, digest, shared }
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
}
