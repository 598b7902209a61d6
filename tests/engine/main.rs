//! Whole passes of the reconciler with scripted parts.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod emptied;
mod escalations;
mod http;
mod reactions;
mod reconcile;
mod run_semantics;
mod scheduling;
mod simulation;
mod survival;
mod sinks;
mod wrapper;
