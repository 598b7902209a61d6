//! The kernel guard: tags under a secret key over the entries of a manifest and over the manifest as a whole.
//!
//! Whoever has the key can tell that a manifest is as it was when the guard was made, with what no chain digest covers: profile,
//! times, paths.

mod build;
mod key;
mod transcript;
mod verify;

pub use build::build_guard;
pub use key::{GuardKey, GuardKeyError};
pub use verify::{GuardOutcome, verify_guard};

/// Profile of a guard.
const PROFILE: &str = "kernel_guard_hmac_v1";
/// Name of the function that makes the tags.
const ALGORITHM: &str = "hmac-sha256";
/// Schema of a guard.
const SCHEMA: &str = "schemas/kernel_guard_hmac_v1.schema.json";
