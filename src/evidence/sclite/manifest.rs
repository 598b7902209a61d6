//! The manifest of a chain: which artifacts belong together, in which order, bound by a running digest.

use std::borrow::Cow;

use super::artifact::Artifact;
use super::coerce;
use crate::api::Digest;
use crate::evidence::json::{Json, Object, canonical};

/// Name of the canonical form of a chain.
const CHAIN_CANONICALIZATION: &str = "sclite-artifact-chain-v0.2";
/// What the manifest says of signatures.
const SIGNATURE_NOTE: &str =
    "v0.2 core verifies tamper-evident artifact binding; signer identity is an optional runtime/profile concern.";

/// What a manifest says of the whole chain.
#[derive(Debug, Clone, Copy)]
pub struct ManifestHead<'a> {
    /// `<producer>-<operation>` or `reaction:<reaction id>`.
    pub chain_id: &'a str,
    /// When the chain was begun, RFC 3339 with an offset.
    pub created_at: &'a str,
    /// One of the known profiles; ours are [`LIFECYCLE_PROFILE`](super::layout::LIFECYCLE_PROFILE) and
    /// [`REACTION_PROFILE`](super::layout::REACTION_PROFILE).
    pub profile: &'a str,
}

/// One artifact of a chain that is being built.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The role; the type of the artifact when empty.
    pub role: &'a str,
    /// The file, relative to the manifest.
    pub path: &'a str,
    /// Whether the chain means nothing without it; no verifier looks.
    pub required: bool,
    /// The artifact.
    pub artifact: &'a Artifact,
}

/// Builds the manifest of `members` in their order. The root digest of an empty chain is empty.
pub fn manifest(head: &ManifestHead<'_>, members: &[Member<'_>]) -> Json {
    let mut previous = String::new();
    let mut entries = Vec::with_capacity(members.len());
    for member in members {
        let role = if member.role.is_empty() { member.artifact.artifact_type() } else { member.role };
        let digest = step(&previous, role, member.artifact);
        entries.push(Json::from([
            ("chain_digest", Json::from(digest.as_str())),
            ("descriptor", member.artifact.descriptor().clone()),
            ("path", Json::from(member.path)),
            ("previous_chain_digest", Json::from(std::mem::replace(&mut previous, digest))),
            ("required", Json::from(member.required)),
            ("role", Json::from(role)),
        ]));
    }
    Json::from([
        ("artifact_type", Json::from("artifact_chain_manifest")),
        ("canonicalization", Json::from(CHAIN_CANONICALIZATION)),
        ("chain_id", Json::from(head.chain_id)),
        ("created_at", Json::from(head.created_at)),
        ("entries", Json::Array(entries)),
        ("hash_algorithm", Json::from("sha256")),
        ("profile", Json::from(head.profile)),
        ("root_chain_digest", Json::from(previous)),
        ("schema_ref", Json::from("schemas/artifact_chain_manifest.v0.2.schema.json")),
        ("schema_version", Json::from("v0.2")),
        (
            "signature_policy",
            Json::from([
                ("identity_signature_required", Json::from(false)),
                ("mode", Json::from("integrity_only")),
                ("note", Json::from(SIGNATURE_NOTE)),
            ]),
        ),
    ])
}

/// The running digest after an artifact in a role: 64 lower-case hex digits.
pub(super) fn step(previous: &str, role: &str, artifact: &Artifact) -> String {
    let descriptor = artifact.descriptor();
    let described = |key: &str| descriptor.get(key).cloned().unwrap_or_else(|| Json::from(""));
    let payload: Object = [
        ("algorithm", described("algorithm")),
        ("artifact_digest", described("digest")),
        ("artifact_type", described("artifact_type")),
        ("canonicalization", described("canonicalization")),
        ("previous_chain_digest", Json::from(previous)),
        ("role", Json::from(role)),
    ]
    .into();
    Digest::of(&canonical(&Json::Object(payload))).to_string()
}

/// An entry of a manifest that was read.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) value: &'a Json,
    pub(super) role: Cow<'a, str>,
    pub(super) path: Cow<'a, str>,
}

impl<'a> Entry<'a> {
    /// The entry; `None` when it is no object.
    pub(super) fn of(value: &'a Json) -> Option<Self> {
        value.as_object()?;
        Some(Self { value, role: coerce::text(value.get("role")), path: coerce::text(value.get("path")) })
    }
}

/// The entries that are objects; `None` when the manifest has no list of them.
pub(super) fn entries(manifest: &Json) -> Option<Vec<Entry<'_>>> {
    Some(manifest.get("entries")?.as_array()?.iter().filter_map(Entry::of).collect())
}
