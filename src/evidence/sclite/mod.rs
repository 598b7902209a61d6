//! Evidence in the form of SCLite, which the Python stack writes and checks: addresses of artifacts, their schemas, identifiers,
//! redaction.
//!
//! Everything is a function of [`json`](super::json) values. Names and messages are those of the format, so that both sides say
//! the same of one bundle.

mod descriptor;
pub mod ids;
mod python;
pub mod redaction;
pub mod schema;

pub use super::json::loosely_equal;
pub use descriptor::{CANONICALIZATION, Descriptor, args_digest, hash_record};
