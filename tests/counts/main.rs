//! What is counted: programs started, connections, disk waits.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod connections;
mod diagnosis;
mod fsyncs;
mod spawns;
mod steady;
