//! What is done about what was seen: nothing, look again, or call a person. Pure.

pub mod artifacts;
mod decide;
mod observed;
pub mod pack;
mod packs;

pub use decide::{Inputs, MAX_DEPTH, decide};
pub use observed::{VERDICT, observed_facts};
pub use packs::Packs;
