//! How long records are kept.

use jiff::SignedDuration;

use super::db::WAL_ROOM;

/// What of a budget is kept for the write-ahead log, unless [`WAL_ROOM`] is less: one part in so many.
const WAL_SHARE: u64 = 8;

/// How long records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Records older than this are dropped; `None` keeps them.
    pub max_age: Option<SignedDuration>,
    /// The oldest records are dropped while the state directory needs more bytes than this; `None` keeps them.
    pub max_bytes: Option<u64>,
}

impl RetentionPolicy {
    /// Bytes that the write-ahead log may take of the budget.
    pub(super) fn wal_room(&self) -> u64 {
        self.max_bytes.map_or(WAL_ROOM, |most| (most / WAL_SHARE).min(WAL_ROOM))
    }

    /// Bytes that are left for the database itself.
    pub(super) fn database_room(&self) -> Option<u64> {
        self.max_bytes.map(|most| most.saturating_sub(self.wal_room()))
    }
}

impl Default for RetentionPolicy {
    /// 30 days, 2 GiB.
    fn default() -> Self {
        Self { max_age: Some(SignedDuration::from_hours(30 * 24)), max_bytes: Some(2 << 30) }
    }
}
