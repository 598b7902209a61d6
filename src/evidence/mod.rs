//! Sealed evidence: canonical bytes and the records of the append-only log. Pure.
//!
//! The store accepts only [`Sealed`], and only this stage makes one, from a body that has passed the Redactor:
//!
//! ```compile_fail,E0451
//! let body = tecrax::evidence::Redacted { value: serde_json::Value::Null };
//! ```
//!
//! ```compile_fail,E0451
//! let sealed = tecrax::evidence::Sealed { seq: 1 };
//! ```

mod body;
mod canonical;
mod seal;

pub use body::{Lineage, Provenance, RecordedReading, RunBody, reaction_body, run_body, tombstone_body};
pub use canonical::canonical;
pub use seal::{Head, RecordKind, Redacted, Sealed, redact, seal};
