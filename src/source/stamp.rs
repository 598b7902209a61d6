//! What the file system says of a file while nobody reads it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use jiff::{SignedDuration, Timestamp};

/// The coarsest clock of a file system (FAT counts in two seconds). A file that was written so shortly before it was read may be
/// written again and bear the same times.
const COARSEST: SignedDuration = SignedDuration::from_secs(2);

/// Who a file is and when it was touched last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds since 1970: of the content, and of the inode, which nobody can set.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// As `metadata` has it.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// When the content was written last.
    pub fn modified(&self) -> Timestamp {
        let (seconds, nanos) = self.modified;
        Timestamp::new(seconds, i32::try_from(nanos).unwrap_or_default()).unwrap_or_default()
    }

    /// Whether a write after `at` is bound to show: both times lie well before it. One that lies after it proves that the clocks
    /// differ, and then nothing is.
    pub fn shows_writes_after(&self, at: Timestamp) -> bool {
        let before = |(seconds, nanos): (i64, i64)| {
            let nanos = i32::try_from(nanos).unwrap_or_default();
            Timestamp::new(seconds, nanos).is_ok_and(|time| at.duration_since(time) > COARSEST)
        };
        before(self.modified) && before(self.changed)
    }
}
