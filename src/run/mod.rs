//! Executes admitted plans of one Target inside their bounds: one round, one connection a role, each reading taken once.
//!
//! * `round`: the plans of one Target, beside each other; ends them when it is told to stop.
//! * `execution`: one plan: readings, what waits for the server's version, and tries again.
//! * `limits`, `purse`: what one run may not exceed: steps, connections and time; bytes of all its readings together.
//! * `shared`: sessions and tries that the plans of one round have in common.
//!
//! Whatever a connector does (fail, flood, hang), a run ends in time and has one reading a step.

mod execution;
mod limits;
mod model;
mod purse;
mod round;
mod shared;
mod stop;
mod version;

pub use model::{Attempt, Now, Reading, Run};
pub use round::round;
pub use stop::Stop;
