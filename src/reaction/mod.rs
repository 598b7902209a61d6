//! What is done about what was seen: nothing, look again, or call a person. Pure.

mod decide;
pub mod escalation;

pub use decide::{Inputs, MAX_DEPTH, decide};
