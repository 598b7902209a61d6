//! What the daemon knows of denials, so that each is sealed once and beside the rounds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::epoch::Epoch;
use super::pulse::RETRY_MAX;
use super::refuse::{Refused, Terms, refuse};
use super::{Engine, Event};
use crate::api::PairId;

/// Pause before pairs are tried again that somebody works on, or that could not be recorded; doubled with every further time that the store
/// fails.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest pause.
const PAUSE_MAX: Duration = RETRY_MAX;

/// The denials of wanted pairs that are in the log.
pub(super) struct Denials {
    engine: Arc<Engine>,
    told: HashMap<PairId, Told>,
    /// On their way there, in this epoch: nothing that is refused comes by twice in one.
    sealing: Option<Sealing>,
    tasks: JoinSet<()>,
}

/// A denial that is in the log.
struct Told {
    terms: Terms,
    /// Whether policy, asked in this epoch, does not refuse the pair any more. The log says so when it has run.
    lifted: bool,
}

impl From<Terms> for Told {
    fn from(terms: Terms) -> Self {
        Self { terms, lifted: false }
    }
}

/// The way to the task that seals the denials of an epoch, and back. A task for each Target would ask the store in as many transactions, and
/// again and again while it fails.
struct Sealing {
    refused: mpsc::UnboundedSender<Vec<Refused>>,
    sealed: mpsc::UnboundedReceiver<Vec<(PairId, Terms)>>,
}

impl Denials {
    /// `told`: what the log holds already.
    pub(super) fn new(engine: &Arc<Engine>, told: HashMap<PairId, Terms>) -> Self {
        let told = told.into_iter().map(|(pair, terms)| (pair, terms.into())).collect();
        Self { engine: Arc::clone(engine), told, sealing: None, tasks: JoinSet::new() }
    }

    /// Whether a pair is denied as far as is known: the log says so, and policy, asked under the manifests in force, has not said otherwise.
    pub(super) fn denied(&mut self) -> impl Fn(&PairId) -> bool {
        self.hear();
        |pair| self.told.get(pair).is_some_and(|told| !told.lifted)
    }

    /// Policy was asked and does not refuse the pair.
    pub(super) fn lift(&mut self, pair: &PairId) {
        self.hear();
        if let Some(told) = self.told.get_mut(pair) {
            told.lifted = true;
        }
    }

    /// Seals those that are news: what is refused comes by again in every epoch.
    pub(super) fn seal(&mut self, epoch: &Epoch, mut refused: Vec<Refused>) {
        self.hear();
        refused.retain(|refused| self.told.get(&refused.pair.id).is_none_or(|told| told.terms != refused.terms()));
        if refused.is_empty() {
            return;
        }
        let (engine, tasks) = (&self.engine, &mut self.tasks);
        let sealing = self.sealing.get_or_insert_with(|| {
            let (refused, queue) = mpsc::unbounded_channel();
            let (tell, sealed) = mpsc::unbounded_channel();
            tasks.spawn(seal(Arc::clone(engine), epoch.clone(), queue, tell));
            Sealing { refused, sealed }
        });
        // Nobody is there when the task has panicked: that is a bug, and the denials come by again in the next epoch.
        let _ = sealing.refused.send(refused);
    }

    /// A new epoch begins, which wants other pairs. What is on its way may never come, so it is not known: it comes by again, and the log
    /// says whether it holds it.
    pub(super) fn renew(&mut self, epoch: &Epoch) {
        self.hear();
        self.sealing = None;
        while self.tasks.try_join_next().is_some() {}
        self.told.retain(|pair, told| {
            // Policy is asked again.
            told.lifted = false;
            epoch.inputs.wants(pair)
        });
    }

    /// The pair has run or is buried: when it is denied again, that is another denial.
    pub(super) fn forget(&mut self, pair: &PairId) {
        self.hear();
        self.told.remove(pair);
    }

    /// Waits until nothing is being recorded: the last epoch is over.
    pub(super) async fn end(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    fn hear(&mut self) {
        let Some(sealing) = &mut self.sealing else { return };
        while let Ok(sealed) = sealing.sealed.try_recv() {
            self.told.extend(sealed.into_iter().map(|(pair, terms)| (pair, terms.into())));
        }
    }
}

/// Seals what comes until the epoch is over, and tells what the log holds: under other manifests policy may say otherwise.
async fn seal(
    engine: Arc<Engine>,
    epoch: Epoch,
    mut queue: mpsc::UnboundedReceiver<Vec<Refused>>,
    tell: mpsc::UnboundedSender<Vec<(PairId, Terms)>>,
) {
    let (mut left, mut pause) = (Vec::new(), PAUSE);
    loop {
        if left.is_empty() {
            tokio::select! {
                biased;
                () = epoch.over() => return,
                more = queue.recv() => match more {
                    Some(more) => left = more,
                    None => return,
                },
            }
        }
        while let Ok(more) = queue.try_recv() {
            left.extend(more);
        }
        match refuse(&engine, &epoch, &left).await {
            // Not all may have been sealed.
            Ok(_) if epoch.is_over() => return,
            Ok(busy) => {
                let (rest, sealed): (Vec<_>, Vec<_>) = left.into_iter().partition(|refused| busy.contains(&refused.pair.id));
                let _ = tell.send(sealed.into_iter().map(|refused| (refused.pair.id.clone(), refused.terms())).collect());
                (left, pause) = (rest, PAUSE);
                if left.is_empty() {
                    continue;
                }
            }
            Err(error) => engine.tell(&Event::StoreFailed(error.to_string())),
        }
        tokio::select! {
            biased;
            () = epoch.over() => return,
            () = sleep(pause) => pause = pause.saturating_mul(2).min(PAUSE_MAX),
        }
    }
}
