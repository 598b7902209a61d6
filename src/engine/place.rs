//! The places that Targets take while they are read and their runs committed.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::lanes::Lanes;
use super::limits::Limits;
use super::line::{Begun, Line, Wish};
use super::work::TargetKey;
use crate::admission::Admitted;
use crate::plan::Plan;

/// The places that Targets take.
#[derive(Debug)]
pub(super) struct Places {
    line: Mutex<Line<Waiting>>,
    /// The first Target has been claimed, or none will be.
    begun: Notify,
}

/// Somebody in the line.
#[derive(Debug)]
struct Waiting {
    /// The Target, unless it is under way already.
    target: Option<TargetKey>,
    grant: oneshot::Sender<Grant>,
}

/// What somebody in the line has waited for.
#[derive(Debug)]
struct Grant {
    reads: Reads,
    inside: Option<Inside>,
}

/// The right to read a Target once.
#[derive(Debug)]
struct Reads {
    places: Arc<Places>,
    lanes: Lanes,
}

/// A Target is under way.
#[derive(Debug)]
struct Inside {
    places: Arc<Places>,
    lanes: Lanes,
    /// What its pairs count for.
    size: usize,
}

/// The place of one Target, from before its claim to after its last commit.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    reads: Option<Reads>,
    _inside: Option<Inside>,
}

/// Gives the right to read back when as many runs as there are plans have been read.
#[derive(Debug)]
pub(super) struct Reading {
    left: AtomicUsize,
    permit: Mutex<Option<Reads>>,
}

impl Places {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { line: Mutex::new(Line::new(Limits::default())), begun: Notify::new() })
    }

    pub(super) fn limits(&self) -> Limits {
        self.line().limits()
    }

    pub(super) fn limit(&self, limits: Limits) {
        self.line().limit(limits);
    }

    /// Waits for a place with the right to read `target`, and for memory for so many pairs; `None` never comes.
    pub(super) async fn enter(
        self: &Arc<Self>,
        target: TargetKey,
        (lanes, urgent): (Lanes, bool),
        pairs: usize,
    ) -> Option<Place> {
        let Grant { reads, inside } = self.wait(Some(target), Wish { urgent, enters: true, lanes }, pairs).await?;
        Some(Place { places: Arc::clone(self), reads: Some(reads), _inside: inside })
    }

    /// Returns when a Target has been claimed since this was last asked: what the store is asked from then on delays no first request.
    pub(super) async fn begun(&self) {
        self.begun.notified().await;
    }

    /// Nobody waits for the first claim any more.
    pub(super) fn begin(&self) {
        self.begun.notify_one();
    }

    /// Lets `targets` that are in the line go before what is only due: somebody asks for them.
    pub(super) fn hurry(self: &Arc<Self>, targets: &HashSet<TargetKey>) {
        self.line().hurry(|waiting| waiting.target.as_ref().is_some_and(|target| targets.contains(target)));
        // There is memory for them that others may not have.
        self.advance();
    }

    async fn wait(self: &Arc<Self>, target: Option<TargetKey>, wish: Wish, pairs: usize) -> Option<Grant> {
        let (grant, granted) = oneshot::channel();
        self.line().join(wish, pairs, Waiting { target, grant });
        self.advance();
        granted.await.ok()
    }

    /// Lets in whoever may begin.
    fn advance(self: &Arc<Self>) {
        loop {
            let next = self.line().next(|waiting| !waiting.grant.is_closed());
            let Some(Begun { wish: Wish { enters, lanes, .. }, size, who }) = next else { return };
            let inside = enters.then(|| Inside { places: Arc::clone(self), lanes: lanes.clone(), size });
            let grant = Grant { reads: Reads { places: Arc::clone(self), lanes }, inside };
            // Who has just gone away gives it back with that.
            drop(who.grant.send(grant));
        }
    }

    fn line(&self) -> MutexGuard<'_, Line<Waiting>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reads {
    fn drop(&mut self) {
        self.places.line().has_read(&self.lanes);
        self.places.advance();
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.places.line().has_left(&self.lanes, self.size);
        self.places.advance();
    }
}

impl Place {
    /// Its pairs have been claimed.
    pub(super) fn claimed(&self) {
        self.places.begin();
    }

    /// The right to read `plans` once. A further round waits for it anew, and goes before what is only due: a reaction has asked
    /// for it.
    pub(super) async fn reading(&mut self, plans: &[Plan<Admitted>]) -> Reading {
        let lanes = if self.reads.is_some() { Lanes::default() } else { Lanes::of(plans) };
        self.reading_of(plans.len(), lanes).await
    }

    async fn reading_of(&mut self, plans: usize, lanes: Lanes) -> Reading {
        let permit = match self.reads.take() {
            Some(reads) => Some(reads),
            None => self.places.wait(None, Wish { urgent: true, enters: false, lanes }, 0).await.map(|grant| grant.reads),
        };
        Reading { left: AtomicUsize::new(plans), permit: Mutex::new(permit) }
    }
}

impl Reading {
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

    use super::{Lanes, Limits, Places, TargetKey};
    use crate::api::{Namespace, SubdomainName};

    fn key() -> TargetKey {
        (Namespace::default(), SubdomainName::parse("web").unwrap())
    }

    #[tokio::test]
    async fn a_target_whose_plans_have_been_read_makes_room_for_another_and_reads_again_in_its_turn() {
        let (places, lanes) = (Places::new(), Lanes::default());
        let mut inside = Vec::new();
        for _ in 0..Limits::default().targets {
            inside.push(places.enter(key(), (lanes.clone(), false), 1).await.unwrap());
        }
        // Polled by hand, so outside the budget by which Tokio makes a task give way.
        let mut next = Box::pin(unconstrained(places.enter(key(), (lanes.clone(), false), 1)));
        assert!(poll!(&mut next).is_pending(), "all are being read");
        let reading = inside[0].reading_of(2, lanes.clone()).await;
        reading.done();
        assert!(poll!(&mut next).is_pending(), "one of two plans has been read");
        reading.done();
        let Poll::Ready(Some(another)) = poll!(&mut next) else { unreachable!("both plans have been read") };
        let mut again = Box::pin(unconstrained(inside[0].reading_of(1, lanes)));
        assert!(poll!(&mut again).is_pending(), "the second round waits its turn");
        drop(another);
        assert!(poll!(&mut again).is_ready());
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_no_place_taken() {
        let places = Places::new();
        places.limit(Limits { targets: 1, ..Limits::default() });
        let first = places.enter(key(), (Lanes::default(), false), 1).await.unwrap();
        let mut gone = Box::pin(unconstrained(places.enter(key(), (Lanes::default(), true), 1)));
        assert!(poll!(&mut gone).is_pending());
        drop(gone);
        drop(first);
        let mut next = Box::pin(unconstrained(places.enter(key(), (Lanes::default(), false), 1)));
        assert!(poll!(&mut next).is_ready());
    }
}
