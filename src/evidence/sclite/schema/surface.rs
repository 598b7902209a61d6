//! What a project publishes of itself. Never part of a bundle, and never written here.

use super::common::TEXTS;
use super::rule::{Rule, always, boolean, closed, filled, integer_from, list, may, must, open, text, word};

/// Files of a published snapshot.
pub(super) static PUBLIC_SNAPSHOT_MANIFEST: Rule = closed(&[
    must("artifact_type", word("public_snapshot_manifest")),
    must("schema_version", word("v0.1")),
    must("snapshot_name", filled()),
    must("snapshot_version", filled()),
    must("generated_at", filled()),
    must("files", list(Some(&FILE))),
    must(
        "summary",
        closed(&[
            must("file_count", integer_from(0)),
            must("hashed_file_count", integer_from(0)),
            must("public_safe_file_count", integer_from(0)),
        ]),
    ),
    must(
        "public_safety",
        closed(&[
            must("live_target_execution", always(false)),
            must("protocol_adapter_work", always(false)),
            must("raw_live_evidence_included", always(false)),
            must("raw_stdout_stderr_included", always(false)),
        ]),
    ),
    must("non_claims", TEXTS),
]);

static FILE: Rule = closed(&[
    must("path", filled()),
    must("artifact_type", text()),
    must("schema", text()),
    must("public_safe", boolean()),
    may(
        "hash",
        closed(&[
            must("canonicalization", word("sclite-json-v0.1")),
            must("algorithm", word("sha256")),
            must("digest", filled()),
            must("canonical_bytes", integer_from(0)),
        ]),
    ),
]);

/// What of a project can be checked.
pub(super) static PUBLIC_VALIDATION_SURFACE_INDEX: Rule = closed(&[
    must("artifact_type", word("public_validation_surface_index")),
    must("schema_version", word("v0.1")),
    must("generated_at", filled()),
    must("surfaces", list(Some(&SURFACE))),
    must("summary", closed(&[must("surface_count", integer_from(0)), must("public_safe_surface_count", integer_from(0))])),
    must(
        "public_safety",
        closed(&[
            must("live_target_execution", always(false)),
            must("protocol_adapter_work", always(false)),
            must("public_push_authorized", always(false)),
            must("raw_live_evidence_included", always(false)),
        ]),
    ),
    must("non_claims", TEXTS),
]);

static SURFACE: Rule = open(&[
    must("surface_id", filled()),
    must("path", filled()),
    must("kind", filled()),
    must("purpose", text()),
    must("schemas", TEXTS),
    must("commands", TEXTS),
    must("public_safe", boolean()),
]);
