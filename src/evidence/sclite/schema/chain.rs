//! The manifest of a chain and its guard.

use super::rule::{Rule, boolean, closed, filled, free, integer_from, list, must, open, text, text_from, word};

/// Characters of a digest or tag.
const HEX_DIGITS: i64 = 64;

/// The order of a chain's artifacts.
pub(super) static ARTIFACT_CHAIN_MANIFEST: Rule = open(&[
    must("artifact_type", word("artifact_chain_manifest")),
    must("schema_version", word("v0.2")),
    must("schema_ref", word("schemas/artifact_chain_manifest.v0.2.schema.json")),
    must("chain_id", filled()),
    must("created_at", filled()),
    must("profile", filled()),
    must("canonicalization", word("sclite-artifact-chain-v0.2")),
    must("hash_algorithm", word("sha256")),
    must("signature_policy", free()),
    must("entries", list(Some(&ENTRY))),
    must("root_chain_digest", filled()),
]);

static ENTRY: Rule = open(&[
    must("role", filled()),
    must("path", filled()),
    must("required", boolean()),
    must("descriptor", free()),
    must("previous_chain_digest", text()),
    must("chain_digest", filled()),
]);

/// The guard. Its list of entries is looked at last, but missed before the tags.
pub(super) static KERNEL_GUARD: Rule = Rule {
    required: &[
        "artifact_type",
        "schema_version",
        "schema_ref",
        "profile",
        "algorithm",
        "chain_id",
        "key_id",
        "entry_count",
        "root_chain_digest",
        "manifest_metadata_digest",
        "entry_guards",
    ],
    ..closed(&[
        must("artifact_type", word("kernel_guard_manifest")),
        must("schema_version", word("v0.1")),
        must("schema_ref", word("schemas/kernel_guard_hmac_v1.schema.json")),
        must("profile", word("kernel_guard_hmac_v1")),
        must("algorithm", word("hmac-sha256")),
        must("chain_id", filled()),
        must("key_id", filled()),
        must("entry_count", integer_from(0)),
        must("root_chain_digest", text_from(HEX_DIGITS)),
        must("manifest_metadata_digest", text_from(HEX_DIGITS)),
        must("first_tag", text()),
        must("last_tag", text()),
        must("root_tag", text_from(HEX_DIGITS)),
        must("entry_guards", list(Some(&ENTRY_GUARD))),
    ])
};

static ENTRY_GUARD: Rule = closed(&[
    must("profile", word("kernel_guard_hmac_v1.entry")),
    must("chain_id", filled()),
    must("seq", integer_from(0)),
    must("entry_count", integer_from(0)),
    must("role", filled()),
    must("path", filled()),
    must("required", boolean()),
    must("artifact_digest", text_from(HEX_DIGITS)),
    must("artifact_type", text()),
    must("schema_ref", text()),
    must("schema_version", text()),
    must("canonicalization", text()),
    must("algorithm", text()),
    must("previous_tag", text()),
    must("nonce", filled()),
    must("key_id", filled()),
    must("tag", text_from(HEX_DIGITS)),
]);
