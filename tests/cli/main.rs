//! The program as a person meets it.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod catalogs;
mod contract;
mod diagnosis;
mod escalations;
mod evidence;
mod exit_codes;
mod forced_command;
mod foreseen;
mod import;
mod import_hosts;
mod inventory;
mod lints;
mod migration;
mod panics;
mod policy;
mod profile_lint;
mod screens;
mod shapes_sent;
mod untouched;
