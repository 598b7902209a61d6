//! What is done about what was seen: nothing, look again, or call a person. Pure.

pub mod artifacts;
mod decide;

pub use decide::{Inputs, MAX_DEPTH, decide};
