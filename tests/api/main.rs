//! The kinds: schemas, CRDs, their documentation and their rules.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod cel;
mod cel_cost;
mod crd_lint;
mod docs;
mod generated;
mod schema;
mod strict;
mod values;
