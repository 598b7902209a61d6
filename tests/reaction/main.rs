//! Reaction packs, escalations and who is told.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod await_group;
mod docs;
mod escalations;
mod fact_changes;
mod gone;
mod notices;
mod notices_due;
mod pack_faults;
mod packs;
mod proposal;
