//! Evidence in the form of SCLite, which the Python stack writes and checks: addresses of artifacts, their schemas, identifiers,
//! redaction.
//!
//! Everything is a function of [`json`](super::json) values. Names and messages are those of the format, so that both sides say
//! the same of one bundle.
//!
//! [`verify_bundle`] reads the files of a bundle and says two things apart: what `sclite-core` 1.0.5 says of it
//! ([`Upstream`]), and what we find beyond that ([`findings`]). A writer makes [`Artifact`]s, their [`manifest`], the
//! [`review_record`] with its [`review_markdown`], and last, over all of it, [`guard::build_guard`].

mod artifact;
mod bundle;
mod chain;
mod coerce;
mod descriptor;
mod documents;
pub mod findings;
pub mod guard;
pub mod ids;
pub mod layout;
mod lifecycle;
mod manifest;
mod python;
mod reaction;
pub mod redaction;
mod refusal;
mod report;
mod review;
pub mod schema;
pub mod scope;
mod secure;
mod sidecar;
pub mod ticket;
mod upstream;

pub(crate) use python::{repr_list, text_of};

pub use super::json::loosely_equal;
pub use artifact::Artifact;
pub use bundle::{Bundle, BundleError};
pub use chain::{Chain, ChainRules, verify_chain};
pub use descriptor::{CANONICALIZATION, Descriptor, args_digest, hash_record};
pub use documents::{Documents, Unreadable};
pub use lifecycle::{LIFECYCLE_CHECKS, Lifecycle, verify_lifecycle};
pub use manifest::{ManifestHead, Member, manifest};
pub use reaction::{Reaction, verify_reaction};
pub use refusal::{Refusal, RefusalClass};
pub use report::{BundleReport, verify_bundle};
pub use review::{review_bundle, review_documents, review_markdown, review_record, verify_shape};
pub use secure::{SecureOutcome, verify_secure_bundle};
pub use sidecar::{Reference, verify_reference};
pub use upstream::{Accepted, ChainSummary, Upstream, UpstreamReview};
