//! Desired × latest evidence × now → what is due and why, and the plan of each pair. Pure.

mod model;

pub use model::{Plan, Proposed, ReadStep};
