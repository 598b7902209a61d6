//! References to trust and to carriers, beside a bundle.

use super::common::{DIGEST, LINK, TEXT};
use super::rule::{Rule, always, filled, list_from, may, must, one_of, open, text, word};

const LINKS: Rule = open(&[must("subject", LINK)]);

const INTEGRITY: Rule = open(&[must("subject_artifact_digest", DIGEST), must("binding_mode", word("subject_descriptor_digest"))]);

/// Who vouches for a ticket.
pub(super) static TRUST_PROFILE_REF: Rule = open(&[
    must("artifact_type", word("trust_profile_ref")),
    must("schema_version", word("v0.1")),
    must("schema_ref", word("schemas/trust_profile_ref.v0.1.schema.json")),
    must("profile_ref_id", filled()),
    must("created_at", filled()),
    must(
        "trust_profile",
        one_of(&["none", "digest_only", "local_ed25519_ref", "dsse_envelope_ref", "sigstore_bundle_ref", "external_verifier"]),
    ),
    must("links", LINKS),
    must("reference", open(&[must("kind", filled()), may("uri", text()), may("digest", text()), may("verifier", text())])),
    must("integrity", INTEGRITY),
    must(
        "verification_boundary",
        open(&[
            must("sclite_validates_digest_binding_only", always(true)),
            must("external_verifier_decides_trust", always(true)),
        ]),
    ),
    must("non_claims", list_from(1, &TEXT)),
]);

/// What carries a bundle.
pub(super) static CARRIER_PROFILE_REF: Rule = open(&[
    must("artifact_type", word("carrier_profile_ref")),
    must("schema_version", word("v0.1")),
    must("schema_ref", word("schemas/carrier_profile_ref.v0.1.schema.json")),
    must("profile_ref_id", filled()),
    must("created_at", filled()),
    must(
        "carrier_profile",
        one_of(&[
            "local_file_bundle",
            "ci_artifact_bundle",
            "github_artifact",
            "govengine_bundle",
            "ravenclaw_review_bundle",
            "tecrax_review_bundle",
            "openclaw_carrier_payload",
            "mcp_message_ref",
            "a2a_message_ref",
        ]),
    ),
    must("links", LINKS),
    must(
        "reference",
        open(&[must("kind", filled()), may("uri", text()), may("media_type", text()), may("bundle_digest", text())]),
    ),
    must("integrity", INTEGRITY),
    must(
        "transport_boundary",
        open(&[
            must("sclite_validates_digest_binding_only", always(true)),
            must("external_carrier_delivers_payload", always(true)),
        ]),
    ),
    must("non_claims", list_from(1, &TEXT)),
]);
