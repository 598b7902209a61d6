//! What can be checked of one record alone, on any thread and in any order.

use super::super::HeaderFields;
use super::content::binds;
use super::defect::Place;
use crate::api::Digest;

/// One record as it was read, before anything about it is believed. It owns nothing.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Index of the leaf, from 0.
    pub index: u64,
    /// Whose record it is, as the auditor knows the subject of the header.
    pub subject: Slot,
    /// The header as stored, with the name of the log that is checked.
    pub header: HeaderFields<'a>,
    /// The leaf hash as stored.
    pub leaf: Digest,
    /// Canonical JSON of the body.
    pub body: &'a [u8],
    /// What is stored with it.
    pub stored: Stored<'a>,
}

/// A subject, as an [`Auditor`](super::Auditor) knows it: finding it by name for every record would cost as much as a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(pub(super) usize);

/// The blob with a record's own parts.
#[derive(Debug, Clone, Copy)]
pub enum Stored<'a> {
    /// Somebody else checks it.
    Elsewhere,
    /// There is none, and the body must bind none.
    Nothing,
    /// The body must bind this.
    Blob(&'a [u8]),
}

/// What holds for one record alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// The body is what the header binds.
    pub(super) body: bool,
    /// The header gives the leaf hash.
    pub(super) leaf: bool,
    /// The stored parts are what the body binds.
    pub(super) stored: bool,
}

impl Entry<'_> {
    /// Hashes everything that the record holds. `scratch` is written over: whoever examines many keeps it.
    pub fn examine(&self, scratch: &mut Vec<u8>) -> Examined {
        Examined {
            body: Digest::of(self.body) == self.header.body,
            leaf: self.header.leaf(scratch) == self.leaf,
            stored: match self.stored {
                Stored::Elsewhere => true,
                Stored::Nothing => binds(self.body, None),
                Stored::Blob(blob) => binds(self.body, Some(&Digest::of(blob))),
            },
        }
    }

    /// How a defect names it.
    pub(super) fn place(&self) -> Place {
        Place::Record { index: self.index, subject: self.header.subject.to_owned(), seq: self.header.seq }
    }
}
