//! The end of work in progress.

use std::time::Duration;

use tokio::time::timeout;

use super::Engine;

/// From the signal to the end of the daemon, whatever hangs.
pub const STOPS_WITHIN: Duration = Duration::from_secs(10);
/// How long runs in progress may go on when the daemon is told to stop.
pub const GRACE: Duration = Duration::from_secs(6);
/// How long ending them may take: sessions say goodbye, what has ended by then becomes durable.
pub const LAST_WORDS: Duration = Duration::from_secs(2);

impl Engine {
    /// Ends runs in progress without a record, for good: their commands are killed, their sessions closed, and nothing starts any
    /// more; nobody is told anything more. What has ended is still recorded. Drives `work`, which holds those runs, to its end; `None` when that takes longer than
    /// [`LAST_WORDS`]. Their claims stay until [`Self::give_up`].
    pub async fn stop<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.stop.say();
        self.post.stop();
        timeout(LAST_WORDS, work).await.ok()
    }
}
