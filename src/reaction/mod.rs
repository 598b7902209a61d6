//! What is done about what was seen: nothing, look again, or call a person. Pure.

mod decide;
mod observed;
pub mod pack;
mod packs;
mod words;

pub use decide::{Inputs, MAX_DEPTH, decide};
pub use observed::{VERDICT, observed_facts};
pub use packs::Packs;
