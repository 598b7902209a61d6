//! When the daemon runs what: requests, limits, silent Targets, clocks that step.

mod asked;
mod clock;
mod denials;
mod limits;
mod silent;
mod turning;
