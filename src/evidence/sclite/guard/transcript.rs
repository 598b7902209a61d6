//! What a tag is made over.

use super::super::coerce;
use super::super::manifest::Entry;
use super::PROFILE;
use crate::api::Digest;
use crate::evidence::json::{Json, Object, canonical};

/// Parts of a manifest that its metadata digest leaves out.
const OUTSIDE_METADATA: [&str; 3] = ["entries", "root_chain_digest", "kernel_guard"];

/// The fields of an entry's transcript in the order in which they are compared.
pub(super) const ENTRY_FIELDS: [&str; 16] = [
    "profile",
    "chain_id",
    "seq",
    "entry_count",
    "role",
    "path",
    "required",
    "artifact_digest",
    "artifact_type",
    "schema_ref",
    "schema_version",
    "canonicalization",
    "algorithm",
    "previous_tag",
    "nonce",
    "key_id",
];

/// What all transcripts of a guard share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) manifest: &'a Json,
    pub(super) key_id: &'a str,
    pub(super) count: usize,
}

/// Digest of the manifest without its entries and its root.
pub(super) fn metadata_digest(manifest: &Json) -> String {
    let members = manifest.as_object().map(Object::iter).into_iter().flatten();
    let metadata = members.filter(|(key, _)| !OUTSIDE_METADATA.contains(key));
    let metadata: Object = metadata.map(|(key, value)| (key.to_owned(), value.clone())).collect();
    Digest::of(&canonical(&Json::Object(metadata))).to_string()
}

impl Frame<'_> {
    /// The transcript of the entry `seq`; `None` when it has no descriptor.
    pub(super) fn entry(&self, seq: usize, entry: &Entry<'_>, previous_tag: &str, nonce: &str) -> Option<Object> {
        let descriptor = entry.value.get("descriptor").filter(|descriptor| descriptor.as_object().is_some())?;
        let described = |key: &str| Json::from(&*coerce::text(descriptor.get(key)));
        Some(Object::from([
            ("algorithm", described("algorithm")),
            ("artifact_digest", described("digest")),
            ("artifact_type", described("artifact_type")),
            ("canonicalization", described("canonicalization")),
            ("chain_id", self.chain_id()),
            ("entry_count", Json::from(self.count as u64)),
            ("key_id", Json::from(self.key_id)),
            ("nonce", Json::from(nonce)),
            ("path", Json::from(&*entry.path)),
            ("previous_tag", Json::from(previous_tag)),
            ("profile", Json::from(format!("{PROFILE}.entry"))),
            ("required", Json::from(coerce::truthy(entry.value.get("required")))),
            ("role", Json::from(&*entry.role)),
            ("schema_ref", described("schema_ref")),
            ("schema_version", described("schema_version")),
            ("seq", Json::from(seq as u64)),
        ]))
    }

    /// The transcript of the whole.
    pub(super) fn root(&self, first_tag: &str, last_tag: &str) -> Json {
        Json::from([
            ("chain_id", self.chain_id()),
            ("entry_count", Json::from(self.count as u64)),
            ("first_tag", Json::from(first_tag)),
            ("key_id", Json::from(self.key_id)),
            ("last_tag", Json::from(last_tag)),
            ("manifest_metadata_digest", Json::from(metadata_digest(self.manifest))),
            ("profile", Json::from(format!("{PROFILE}.root"))),
            ("root_chain_digest", self.root_digest()),
        ])
    }

    pub(super) fn chain_id(&self) -> Json {
        Json::from(&*coerce::text(self.manifest.get("chain_id")))
    }

    pub(super) fn root_digest(&self) -> Json {
        Json::from(&*coerce::text(self.manifest.get("root_chain_digest")))
    }
}
