//! What a run does when readings fail, flood, hang or are stopped: bounds, tries, time-outs, and the record of all of it.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "run_semantics/bounds.rs"]
mod bounds;
#[path = "run_semantics/properties.rs"]
mod properties;
#[path = "run_semantics/retry.rs"]
mod retry;
#[path = "support/script.rs"]
mod script;
#[path = "run_semantics/stop.rs"]
mod stop;
