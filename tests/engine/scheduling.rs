//! When the daemon runs what: requests, limits, silent Targets, clocks that step.

mod asked;
mod clock;
pub mod denials;
mod epochs;
mod holding;
mod limits;
mod silent;
pub mod turning;
