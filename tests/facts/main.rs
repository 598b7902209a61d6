//! From readings to facts, findings and assessments.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod assemble;
mod devices;
mod diagnosis;
mod expect;
mod normalize;
mod portable;
mod properties;
mod services;
mod unseen;
