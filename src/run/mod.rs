//! Executes admitted plans of one Target inside their bounds: one round, one connection a role, each reading taken once.

mod model;
mod round;
mod shared;
mod version;

pub use model::{Now, Reading, Run};
pub use round::round;
