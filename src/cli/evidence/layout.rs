//! Names inside an export.

use crate::evidence::Subject;

/// How to check it, for people.
pub const README: &str = "README.md";
/// A script that checks it with Python alone.
pub const SCRIPT: &str = "check.py";
/// The signed note over the log.
pub const CHECKPOINT: &str = "checkpoint";
/// The key that signed it.
pub const KEY: &str = "checkpoint.vkey";
/// Digests of every other file.
pub const SUMS: &str = "SHA256SUMS";
/// Directory of records.
pub const RECORDS: &str = "records";
/// Directory of bundles.
pub const BUNDLES: &str = "bundles";
/// Directory of reaction chains.
pub const REACTIONS: &str = "reactions";
/// A record's header.
pub const HEADER: &str = "header.json";
/// A record's body.
pub const BODY: &str = "body.json";
/// The proof that it is in the log.
pub const PROOF: &str = "proof.tlog-proof";

/// Most bytes of a header.
pub const HEADER_MAX: u64 = 64 << 10;
/// Most bytes of a body or a detail.
pub const BODY_MAX: u64 = 8 << 20;
/// Most bytes of any file in an export.
pub const FILE_MAX: u64 = 64 << 20;

/// The directory of a subject below [`RECORDS`] or [`BUNDLES`]: `namespace/check.target`, or `log`.
pub fn subject_path(subject: &Subject) -> String {
    subject.to_string()
}

/// The directory of one record.
pub fn record_path(top: &str, subject: &Subject, seq: u64) -> String {
    format!("{top}/{}/{seq}", subject_path(subject))
}
