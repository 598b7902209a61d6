//! Helpers shared by integration tests.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod cli;
pub mod dead;
pub mod engine;
pub mod export;
pub mod hosts;
pub mod log;
pub mod manifests;
pub mod monitoring;
pub mod profile;
