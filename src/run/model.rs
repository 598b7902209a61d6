//! What one execution of one admitted plan produced.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::admission::Admitted;
use crate::connect::{Failure, Output};
use crate::plan::Plan;

/// The wall clock, handed in.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The bounded output of one shape, or why there is none.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What was answered.
    pub result: Result<Output, Failure>,
    /// When it was taken (started).
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// How often it was tried.
    pub attempts: u32,
}

/// One execution of one admitted plan: a reading for every step, in order, whatever happened.
#[derive(Debug)]
pub struct Run {
    /// The plan that was executed.
    pub plan: Plan<Admitted>,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// One reading a step, in step order.
    pub readings: Vec<Arc<Reading>>,
}
