//! Sealed evidence: canonical bytes and the records of the append-only log. Pure.
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
//!     Sealed { seq: 1, ..sealed }
//! }
//! ```
//!
//! ```compile_fail,E0308
//! // What has not passed the Redactor is not sealed.
//! use tecrax::evidence::{Head, RecordKind, Sealed, seal};
//! fn leak(pair: &tecrax::api::PairId, body: &serde_json::Value, at: jiff::Timestamp) -> Sealed {
//!     seal("origin", pair, Head::empty(), RecordKind::Run, body, at)
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
pub mod json;
pub mod sclite;
mod seal;

pub use body::{Lineage, Provenance, RecordedReading, RunBody, reaction_body, run_body, tombstone_body};
pub use canonical::canonical;
pub use seal::{Head, RecordKind, Redacted, Sealed, redact, seal};
