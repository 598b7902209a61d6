//! What follows from new manifests, recorded beside the rounds: tombstones, suspensions, what annotations ask for.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::asked::wish;
use super::bury::bury;
use super::epoch::Epoch;
use super::pulse::RETRY_MAX;
use super::rest::rest;
use super::{Engine, Event};
use crate::api::PairId;
use crate::store::StoreError;

/// Pause before what could not be recorded is tried again; doubled with every further time.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest pause.
const PAUSE_MAX: Duration = RETRY_MAX;

/// Who records it: one task an epoch, one after the other.
pub(super) struct Settling {
    engine: Arc<Engine>,
    /// A round of an earlier epoch has left something to be done.
    again: Arc<Notify>,
    tell: mpsc::UnboundedSender<Vec<PairId>>,
    buried: mpsc::UnboundedReceiver<Vec<PairId>>,
    tasks: JoinSet<()>,
}

impl Settling {
    pub(super) fn new(engine: &Arc<Engine>) -> Self {
        let (tell, buried) = mpsc::unbounded_channel();
        Self { engine: Arc::clone(engine), again: Arc::default(), tell, buried, tasks: JoinSet::new() }
    }

    /// Begins with what follows from the manifests of `epoch`. `tried` hears of it when all of it was tried once.
    pub(super) fn begin(&mut self, epoch: &Epoch, tried: oneshot::Sender<()>) {
        // That of the epoch before is about to end, and what it still does must not come after what this one does.
        let mut before = std::mem::take(&mut self.tasks);
        let told = (Arc::clone(&self.again), self.tell.clone(), tried);
        let (engine, epoch) = (Arc::clone(&self.engine), epoch.clone());
        self.tasks.spawn(async move {
            while before.join_next().await.is_some() {}
            settle(engine, epoch, told).await;
        });
    }

    /// A round of an earlier epoch has recorded something since: that may not be the last word.
    pub(super) fn again(&self) {
        self.again.notify_one();
    }

    /// The next pairs that were buried. May be dropped at any point.
    pub(super) async fn buried(&mut self) -> Vec<PairId> {
        // There is a sender in `self`.
        self.buried.recv().await.unwrap_or_default()
    }

    /// Waits until nothing is being recorded: the last epoch is over.
    pub(super) async fn end(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

type Told = (Arc<Notify>, mpsc::UnboundedSender<Vec<PairId>>, oneshot::Sender<()>);

/// Tries until nothing is left or the epoch is over, and whenever there may be something again.
async fn settle(engine: Arc<Engine>, epoch: Epoch, (again, tell, tried): Told) {
    let (mut tried, mut pause) = (Some(tried), PAUSE);
    loop {
        let followed = follow_up(&engine, &epoch, &tell).await;
        let left = followed.unwrap_or_else(|error| {
            engine.tell(&Event::StoreFailed(error.to_string()));
            true
        });
        if let Some(tried) = tried.take() {
            let _ = tried.send(());
        }
        let wait = async { if left { sleep(pause).await } else { std::future::pending().await } };
        tokio::select! {
            // First: what is left to be done is left to the next epoch.
            biased;
            () = epoch.over() => return,
            () = again.notified() => pause = PAUSE,
            () = wait => pause = pause.saturating_mul(2).min(PAUSE_MAX),
        }
    }
}

/// Whether anything is left: a pair that somebody works on can be neither buried nor laid to rest. `tell` hears of what was buried, even when
/// something fails after that.
async fn follow_up(engine: &Engine, epoch: &Epoch, tell: &mpsc::UnboundedSender<Vec<PairId>>) -> Result<bool, Arc<StoreError>> {
    let unburied = bury(engine, epoch, |buried| drop(tell.send(buried))).await?;
    if epoch.is_over() {
        // What its annotations ask for is what the next ones have asked for since, or take back.
        return Ok(false);
    }
    let inputs = &epoch.inputs;
    wish(engine, inputs).await?;
    let mut left = unburied > 0;
    if inputs.desired.pairs.iter().any(|pair| pair.check.suspend || pair.target.suspend) {
        left |= rest(engine, epoch, &resting(engine).await?).await?.left > 0;
    }
    Ok(left)
}

/// Pairs of which the log says that they are suspended.
async fn resting(engine: &Engine) -> Result<HashSet<PairId>, StoreError> {
    let resting = engine.store.briefs(|brief| (brief.suspended && !brief.removed).then_some(brief.pair)).await?;
    Ok(resting.into_iter().collect())
}
