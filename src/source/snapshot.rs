//! The immutable result of reading manifests once.

use std::path::Path;
use std::sync::Arc;

use crate::api::{Digest, Namespace, Object, Place, Problem};

use super::LostPolicy;

/// Everything that one pass over the manifest paths found.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Digest over the content of every manifest file (relative path and bytes), in path order.
    pub digest: Digest,
    /// The Git revision of the root, when it is in a work tree.
    pub revision: Option<Revision>,
    /// Valid documents, in file and document order.
    pub documents: Vec<Document>,
    /// Documents that say they are Policies and are no valid ones.
    pub lost_policies: Vec<LostPolicy>,
    /// Everything that is wrong or worth knowing.
    pub problems: Vec<Problem>,
    /// Manifest files read.
    pub files: usize,
    /// Documents of a foreign API group: skipped.
    pub foreign: usize,
    /// PATHs from which nothing comes: they are not there, or no manifest file below them has a word in it. A comment is one.
    pub bare: Vec<Place>,
}

/// The Git revision that the manifests came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Commit id, hex.
    pub commit: String,
    /// Whether any manifest file differs from that commit or is not part of it.
    pub dirty: bool,
}

/// One valid document and where it stands.
#[derive(Debug, Clone)]
pub struct Document {
    /// The parsed object.
    pub object: Object,
    /// [`Object::spec_digest`] of it: taken where documents are read on every core.
    pub spec: Digest,
    /// Where it stands.
    pub origin: Origin,
}

impl Document {
    /// Kind, namespace and name: no two documents of a snapshot share them.
    pub fn identity(&self) -> (&'static str, &Namespace, &str) {
        match &self.object {
            Object::Target(it) => ("Target", &it.metadata.namespace, it.metadata.name.as_str()),
            Object::TargetSet(it) => ("TargetSet", &it.metadata.namespace, it.metadata.name.as_str()),
            Object::Check(it) => ("Check", &it.metadata.namespace, it.metadata.name.as_str()),
            Object::Policy(it) => ("Policy", &it.metadata.namespace, it.metadata.name.as_str()),
            Object::Sink(it) => ("Sink", &it.metadata.namespace, it.metadata.name.as_str()),
        }
    }
}

/// Where a document stands, with its text, so that later stages can point at a field.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Path as the user wrote it or would write it.
    pub file: Arc<str>,
    /// The directory that relative paths inside the manifest start from.
    pub directory: Arc<Path>,
    /// Text of the whole file.
    pub text: Arc<str>,
    /// Byte range of the document inside `text`.
    pub range: std::ops::Range<usize>,
    /// Line of the document's first byte, from 1.
    pub line: u32,
}
