//! Parts that several schemas share.

use super::rule::{Pattern, Rule, closed, filled, form, integer_from, must, open, text, word};

/// A text that is not empty.
pub(super) const FILLED: Rule = filled();
/// Any text.
pub(super) const TEXT: Rule = text();
/// Any object.
pub(super) const FREE: Rule = super::rule::free();

/// A digest without a prefix.
pub(super) const DIGEST: Rule = form(Pattern::Hex);

/// A list of texts.
pub(super) const TEXTS: Rule = super::rule::list(Some(&TEXT));

/// A link of the lifecycle: a role and the address of an artifact.
pub(super) const LINK: Rule = open(&[
    must("role", filled()),
    must(
        "descriptor",
        open(&[
            must("artifact_type", filled()),
            must("schema_version", filled()),
            must("schema_ref", filled()),
            must("canonicalization", filled()),
            must("algorithm", word("sha256")),
            must("digest", DIGEST),
            must("canonical_bytes", integer_from(1)),
        ]),
    ),
]);

/// A link of a reaction: an address and nothing else.
pub(super) const BARE_LINK: Rule = closed(&[must(
    "descriptor",
    closed(&[
        must("artifact_type", text()),
        must("schema_version", text()),
        must("schema_ref", text()),
        must("canonicalization", text()),
        must("algorithm", word("sha256")),
        must("digest", DIGEST),
        must("canonical_bytes", integer_from(1)),
    ]),
)]);

/// A profile by identity, version and digest.
pub(super) const PROFILE_REF: Rule = closed(&[must("id", filled()), must("version", filled()), must("digest", DIGEST)]);
