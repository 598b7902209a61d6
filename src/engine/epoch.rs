//! An epoch: the time for which one set of manifests is in force.
//!
//! What is begun under manifests belongs to them, and how long they are in force decides what becomes of it:
//!
//! | at the end of the epoch | what happens to it |
//! |---|---|
//! | a round that waits, or has claimed nothing yet | goes home; what is due is asked anew under the next manifests |
//! | a round that has its claims | goes on to its end; a rerun only when the next manifests have the same Check and Target, and within their bounds |
//! | a record that says what the manifests mean (tombstone, suspension, denial) | is not sealed any more |
//! | what a round found out about policy | is forgotten |
//!
//! A claim is what makes this free of races: who has it first looks whether its manifests are still in force. What follows from the next ones
//! needs the same claim, and so comes after it or instead of it.

use std::sync::Arc;

use tokio::sync::watch;

use super::Inputs;
use crate::admission::Admitted;
use crate::api::PairId;
use crate::plan::{Plan, propose};

/// One epoch. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Epoch {
    pub(super) inputs: Arc<Inputs>,
    /// What is in force now; nothing once nothing is to begin any more.
    now: watch::Receiver<Option<Arc<Inputs>>>,
}

/// The epochs of a daemon, one after the other.
#[derive(Debug)]
pub(super) struct Epochs {
    now: watch::Sender<Option<Arc<Inputs>>>,
    pub(super) current: Epoch,
}

impl Epochs {
    pub(super) fn begin(inputs: Arc<Inputs>) -> Self {
        let (sender, now) = watch::channel(Some(Arc::clone(&inputs)));
        Self { now: sender, current: Epoch { inputs, now } }
    }

    /// Ends the current epoch and begins the next one; returns the one that is over.
    pub(super) fn next(&mut self, inputs: Arc<Inputs>) -> Epoch {
        self.now.send_replace(Some(Arc::clone(&inputs)));
        let next = Epoch { inputs, now: self.now.subscribe() };
        std::mem::replace(&mut self.current, next)
    }

    /// Ends the current epoch, and no other follows.
    pub(super) fn end(&self) {
        self.now.send_replace(None);
    }
}

impl Epoch {
    /// The epoch of a pass: it ends with it.
    pub(super) fn of_pass(inputs: &Arc<Inputs>) -> Self {
        Epochs::begin(Arc::clone(inputs)).current
    }

    /// Whether its manifests are not in force any more.
    pub(super) fn is_over(&self) -> bool {
        !self.is_current(self.now.borrow().as_ref())
    }

    /// Returns when they are not.
    pub(super) async fn over(&self) {
        if self.now.clone().wait_for(|now| !self.is_current(now.as_ref())).await.is_err() {
            // Nobody is left who could end it.
            std::future::pending::<()>().await;
        }
    }

    /// The plan as the manifests that are in force now let it go on: they want its pair to run, with the Check and the Target that it was
    /// made of, and admit it. Where they leave it less room than it was given it gets no more. A daemon that stops lets it end.
    ///
    /// # Errors
    /// The pair of a plan that may not go on.
    pub(super) fn still(&self, plan: Plan<Admitted>) -> Result<Plan<Admitted>, PairId> {
        let now = self.now.borrow().clone();
        let Some(now) = now.filter(|now| !Arc::ptr_eq(now, &self.inputs)) else { return Ok(plan) };
        let pair = plan.pair();
        match now.judge.decide(&propose(pair)) {
            // What it is about may have gone elsewhere under its name.
            Ok(decision) if now.runs_as(pair) => Ok(plan.within(&decision.bounds)),
            _ => Err(pair.id.clone()),
        }
    }

    fn is_current(&self, now: Option<&Arc<Inputs>>) -> bool {
        now.is_some_and(|now| Arc::ptr_eq(now, &self.inputs))
    }
}
