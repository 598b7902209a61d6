//! Sealed evidence: canonical bytes and the records of the append-only log. Pure.
//!
//! A record is a [`Header`] (the leaf of the log's Merkle tree), a body (canonical JSON, bound by the header) and parts (artifacts,
//! bound by the body).
//!
//! The store accepts only [`Sealed`], and only this stage makes one, from a body that has passed the Redactor:
//!
//! ```compile_fail,E0451
//! let body = tecrax::evidence::Redacted { value: tecrax::evidence::json::Json::Null };
//! ```
//!
//! ```compile_fail,E0451
//! // Not even from another one.
//! use tecrax::evidence::Sealed;
//! fn forge(sealed: Sealed) -> Sealed {
//!     Sealed { body: Vec::new(), ..sealed }
//! }
//! ```
//!
//! ```compile_fail,E0308
//! // What has not passed the Redactor is not sealed.
//! use tecrax::evidence::{Head, RecordKind, Sealed, seal};
//! fn leak(pair: tecrax::api::PairId, body: tecrax::evidence::json::Json, at: jiff::Timestamp) -> Sealed {
//!     seal("origin", &pair.into(), Head::empty(), RecordKind::Run, body, Vec::new(), at)
//! }
//! ```
//!
//! ```compile_fail,E0308
//! // What is not sealed is not stored.
//! fn slip_in(body: Vec<u8>) -> tecrax::store::Commit {
//!     tecrax::store::Commit { records: vec![body], fence: 1, release: true, answers: None }
//! }
//! ```

pub mod bundle;
mod canonical;
mod chain;
mod codec;
mod escalation;
mod header;
pub mod json;
mod kind;
mod members;
pub mod log;
mod notes;
mod part;
mod provenance;
mod redacted;
mod run;
pub mod sclite;
mod scrub;
mod seal;
mod shared;
mod show;
mod stamp;
mod subject;

pub use bundle::{Agreed, Agreement, Terms, Verdict};
pub use canonical::canonical;
pub use chain::{CHAIN_FILES, ChainEvidence, PROPOSAL_PART, Rule, chain_files, chain_parts};
pub use codec::{UnpackError, pack, unpack};
pub use escalation::seal_escalation;
pub use header::{Header, HeaderFields};
pub use kind::RecordKind;
pub use notes::{Place, seal_denial, seal_reaction, seal_suspension, seal_tombstone};
pub use part::{DETAIL, Part};
pub use provenance::{FailedTry, Lineage, Provenance, RecordedReading};
pub use redacted::{Redacted, redact};
pub use run::{RunEvidence, seal_run, seal_run_keeping};
pub use seal::{Head, Record, Sealed, seal};
pub use shared::Shared;
pub use show::Show;
pub use subject::Subject;
