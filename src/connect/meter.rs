//! How many bytes a target has sent for one try.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of output that one try of one reading has read, counted while they are read: whoever waits knows of them, however the try
/// ends and whether or not anything of them is kept. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<AtomicU64>);

impl Meter {
    /// Counts `bytes` more.
    pub fn add(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        // Cannot fail: there is always a next value.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |read| Some(read.saturating_add(bytes)));
    }

    /// Counts up to `bytes` when it was fewer: for what came with nobody counting.
    pub(crate) fn at_least(&self, bytes: usize) {
        self.0.fetch_max(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Bytes so far.
    pub fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
