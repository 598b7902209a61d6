//! How many Targets are read, and how many are under way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// Targets read at the same time. Each holds one connection per role; 256 stays well inside the usual limit of 1,024 open
/// files, and lets a few hundred dead hosts time out beside each other.
const READ_AT_ONCE: usize = 256;
/// Targets under way at the same time: those that are read, and meanwhile one group of those whose runs are committed.
const UNDER_WAY: usize = READ_AT_ONCE + 256;

/// The places that Targets take.
#[derive(Debug)]
pub(super) struct Places {
    under_way: Semaphore,
    reading: Semaphore,
    /// The first Target has been claimed, or none will be.
    begun: Notify,
}

/// The place of one Target, from before its claim to after its last commit.
#[derive(Debug)]
pub(super) struct Place<'p> {
    places: &'p Places,
    reading: Option<SemaphorePermit<'p>>,
    _under_way: SemaphorePermit<'p>,
}

/// Gives the right to read back when as many runs as there are plans have been read.
#[derive(Debug)]
pub(super) struct Reading<'p> {
    left: AtomicUsize,
    permit: Mutex<Option<SemaphorePermit<'p>>>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self { under_way: Semaphore::new(UNDER_WAY), reading: Semaphore::new(READ_AT_ONCE), begun: Notify::new() }
    }

    /// Waits for a place with the right to read; `None` never comes, the semaphores are not closed.
    pub(super) async fn enter(&self) -> Option<Place<'_>> {
        let under_way = self.under_way.acquire().await.ok()?;
        let reading = self.reading.acquire().await.ok()?;
        Some(Place { places: self, reading: Some(reading), _under_way: under_way })
    }

    /// Returns when a Target has been claimed since this was last asked: what the store is asked from then on delays no first request.
    pub(super) async fn begun(&self) {
        self.begun.notified().await;
    }

    /// Nobody waits for the first claim any more.
    pub(super) fn begin(&self) {
        self.begun.notify_one();
    }
}

impl<'p> Place<'p> {
    /// Its pairs have been claimed.
    pub(super) fn claimed(&self) {
        self.places.begin();
    }

    /// The right to read `plans` plans once; a further round waits for it anew.
    pub(super) async fn reading(&mut self, plans: usize) -> Reading<'p> {
        let permit = match self.reading.take() {
            Some(permit) => Some(permit),
            None => self.places.reading.acquire().await.ok(),
        };
        Reading { left: AtomicUsize::new(plans), permit: Mutex::new(permit) }
    }
}

impl Reading<'_> {
    /// One plan has been read.
    pub(super) fn done(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is missing fails the test")]
mod tests {
    use std::task::Poll;

    use futures::poll;
    use tokio::task::unconstrained;

    use super::{Places, READ_AT_ONCE};

    #[tokio::test]
    async fn a_target_whose_plans_have_been_read_makes_room_for_another_and_reads_again_in_its_turn() {
        let places = Places::new();
        let mut inside = Vec::new();
        for _ in 0..READ_AT_ONCE {
            inside.push(places.enter().await.unwrap());
        }
        // Polled by hand, so outside the budget by which Tokio makes a task give way.
        let mut next = Box::pin(unconstrained(places.enter()));
        assert!(poll!(&mut next).is_pending(), "all are being read");
        let reading = inside[0].reading(2).await;
        reading.done();
        assert!(poll!(&mut next).is_pending(), "one of two plans has been read");
        reading.done();
        let Poll::Ready(Some(another)) = poll!(&mut next) else { unreachable!("both plans have been read") };
        let mut again = Box::pin(unconstrained(inside[0].reading(1)));
        assert!(poll!(&mut again).is_pending(), "the second round waits its turn");
        drop(another);
        assert!(poll!(&mut again).is_ready());
    }
}
