//! The word that ends runs in progress.

use tokio::sync::watch;

/// Tells runs in progress to end without a record. Clones are one word: said once, heard by all, for good.
#[derive(Debug, Clone, Default)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// Says it.
    pub fn say(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was said.
    pub fn is_said(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it is said, or was.
    pub async fn heard(&self) {
        // The channel stays open as long as `self` does.
        let _ = self.0.subscribe().wait_for(|said| *said).await;
    }
}
