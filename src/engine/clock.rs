//! The wall clock as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

use crate::run::Now;

/// The system's clock, in whole milliseconds: the log keeps no more, so a replay sees the same instants.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub fn system_clock() -> Now {
    Arc::new(|| {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    })
}

/// A clock that moves only when told to. For tests and replays.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at `at` (millisecond resolution).
    pub fn new(at: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// Moves the clock, forwards or backwards.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_millisecond(), Ordering::SeqCst);
    }

    /// The clock as the engine takes it.
    pub fn now(&self) -> Now {
        let clock = Arc::clone(&self.0);
        Arc::new(move || Timestamp::from_millisecond(clock.load(Ordering::SeqCst)).unwrap_or_default())
    }
}
