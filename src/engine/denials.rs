//! What the daemon knows of denials, so that each is sealed once and beside the rounds.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::Engine;
use super::epoch::Epoch;
use super::refuse::{Refused, Terms, refuse_all};
use crate::api::PairId;

/// The denials of wanted pairs that are in the log.
pub(super) struct Denials {
    engine: Arc<Engine>,
    told: HashMap<PairId, Terms>,
    /// On their way there, in this epoch: nothing that is refused comes by twice in one.
    sealing: JoinSet<Vec<(PairId, Terms)>>,
}

impl Denials {
    pub(super) fn new(engine: &Arc<Engine>) -> Self {
        Self { engine: Arc::clone(engine), told: HashMap::new(), sealing: JoinSet::new() }
    }

    /// Seals those that are news: what is refused comes by again in every epoch.
    pub(super) fn seal(&mut self, epoch: &Epoch, mut refused: Vec<Refused>) {
        self.hear();
        refused.retain(|refused| self.told.get(&refused.pair.id) != Some(&refused.terms()));
        if !refused.is_empty() {
            self.sealing.spawn(refuse_all(Arc::clone(&self.engine), epoch.clone(), refused));
        }
    }

    /// A new epoch begins, which wants other pairs. What is on its way may never come, so it is not known: it comes by again, and the log
    /// says whether it holds it.
    pub(super) fn renew(&mut self, epoch: &Epoch) {
        self.hear();
        self.sealing.detach_all();
        self.told.retain(|pair, _| epoch.inputs.wants(pair));
    }

    /// The pair has run or is buried: when it is denied again, that is another denial.
    pub(super) fn forget(&mut self, pair: &PairId) {
        self.hear();
        self.told.remove(pair);
    }

    /// Waits for what is on its way.
    pub(super) async fn end(&mut self) {
        while self.sealing.join_next().await.is_some() {}
    }

    fn hear(&mut self) {
        while let Some(sealed) = self.sealing.try_join_next() {
            // One that panicked is a bug, and has told nobody what it sealed.
            self.told.extend(sealed.unwrap_or_default());
        }
    }
}
