//! What one execution of one admitted plan produced.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::admission::Admitted;
use crate::api::ErrorClass;
use crate::connect::{Failure, Output};
use crate::plan::Plan;

/// The wall clock, handed in.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The bounded output of one shape, or why there is none.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What was answered in the end.
    pub result: Result<Output, Failure>,
    /// When it was first tried, or when it was found that it can not be.
    pub at: Timestamp,
    /// How long the last try took.
    pub took: Duration,
    /// Every try, in order: at most one more than the Check's `retry.attempts`. None when nothing was asked.
    pub attempts: Vec<Attempt>,
}

/// One try of one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// Why it gave nothing, as class and sentence; `None` for the try that answered, which is always the last.
    pub failure: Option<(ErrorClass, String)>,
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
