//! The log, its tree, bundles and what is checked of them.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod bundle;
mod bundle_check;
mod bundle_findings;
mod bundle_properties;
mod checkpoint;
mod codec;
mod denial;
mod flips;
mod json;
mod json_properties;
mod log;
mod notes;
mod prune;
mod redaction;
mod report;
mod schema;
mod secret_sources;
mod tree;
mod verify;
