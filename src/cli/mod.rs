//! cli

pub mod diagnostics;
