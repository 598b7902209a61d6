//! From manifests to pairs, and when each is due.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod due;
mod due_properties;
mod gap;
mod http;
mod idle;
mod resolution;
mod rules;
mod scale;
mod sinks;
