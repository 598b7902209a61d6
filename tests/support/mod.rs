//! Helpers shared by integration tests.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod manifests;
pub mod profile;
