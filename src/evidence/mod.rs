//! Sealed evidence: canonical bytes and the records of the append-only log. Pure.
//!
//! A record is a [`Header`] (the leaf of the log's Merkle tree), a body (canonical JSON, bound by the header) and parts (artifacts,
//! bound by the body).
//!
//! The store accepts only [`Sealed`], and only this stage makes one, from a body that has passed the Redactor:
//!
//! ```compile_fail,E0451
//! let body = tecrax::evidence::Redacted { value: serde_json::Value::Null };
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
//! fn leak(pair: tecrax::api::PairId, body: serde_json::Value, at: jiff::Timestamp) -> Sealed {
//!     seal("origin", &pair.into(), Head::empty(), RecordKind::Run, body, Vec::new(), at)
//! }
//! ```
//!
//! ```compile_fail,E0308
//! // What is not sealed is not stored.
//! fn slip_in(body: Vec<u8>) -> tecrax::store::Commit {
//!     tecrax::store::Commit { records: vec![body], fence: 1, release: true }
//! }
//! ```

mod body;
mod canonical;
mod codec;
mod header;
pub mod json;
mod kind;
pub mod log;
mod part;
mod redacted;
pub mod sclite;
mod seal;
mod subject;

pub use body::{Lineage, Provenance, RecordedReading, RunBody, reaction_body, run_body, run_detail, tombstone_body};
pub use canonical::canonical;
pub use codec::{UnpackError, pack, unpack};
pub use header::Header;
pub use kind::RecordKind;
pub use part::{DETAIL, Part};
pub use redacted::{Redacted, redact};
pub use seal::{Head, Record, Sealed, seal};
pub use subject::Subject;
