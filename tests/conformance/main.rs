//! Recorded behaviour of the Python stack, against ours.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod artifacts;
mod catalog;
mod checks;
mod cli;
mod command_shapes;
mod http_shapes;
mod policy;
mod reactions;
mod rows;
mod sclite_bundles;
mod sclite_json;
mod sclite_tickets;
mod sections;
mod workflow;
