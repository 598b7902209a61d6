//! Reading manifests: what is admitted, what is refused and how it is said.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod beginners;
mod diagnostics;
mod following;
mod fuzz;
mod manifests;
mod places;
mod revision;
mod secrets;
