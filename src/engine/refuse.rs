//! Denials: that policy refused a plan stands in the log, once per plan and policy.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::note::note;
use super::{Engine, Event, Inputs};
use crate::admission::Denial;
use crate::api::{Digest, PairId};
use crate::desired::Pair;
use crate::evidence::seal_denial;
use crate::plan::propose;
use crate::status::PairState;
use crate::store::StoreError;

/// A plan that policy refused.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) pair: Pair,
    pub(super) denial: Denial,
}

impl Refused {
    /// What makes two denials of a pair the same.
    pub(super) const fn terms(&self) -> (Digest, Digest) {
        (self.denial.plan_digest, self.denial.policy)
    }

    /// Whether the log says so already.
    pub(super) fn is_told(&self, state: Option<&PairState>) -> bool {
        let denied = state.filter(|state| !state.removed).and_then(|state| state.denied.as_ref());
        denied.is_some_and(|denied| (denied.plan_digest, denied.policy_digest) == self.terms())
    }
}

/// Pause before pairs are tried again that somebody works on.
const PAUSE: Duration = Duration::from_secs(1);

/// Seals the denials that the log does not hold yet. Returns those of pairs that somebody works on: they are not sealed.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn refuse(engine: &Engine, inputs: &Inputs, refused: Vec<Refused>) -> Result<Vec<Refused>, Arc<StoreError>> {
    let ids: Vec<PairId> = refused.iter().map(|refused| refused.pair.id.clone()).collect();
    let mut refused: HashMap<PairId, Refused> = refused.into_iter().map(|refused| (refused.pair.id.clone(), refused)).collect();
    let told = Mutex::new(Vec::new());
    let noted = note(engine, &ids, |id, state, place| {
        let refused = refused.get(id)?;
        if refused.is_told(state) {
            told.lock().unwrap_or_else(PoisonError::into_inner).push(id.clone());
            return None;
        }
        let plan = propose(&refused.pair);
        Some(seal_denial(&plan, &refused.denial, place, &inputs.provenance, &engine.redactor))
    })
    .await?;
    for state in &noted {
        if let Some(denied) = &state.denied {
            engine.tell(&Event::Denied(state.pair.clone(), denied.message.clone()));
        }
    }
    for pair in told.into_inner().unwrap_or_else(PoisonError::into_inner).iter().chain(noted.iter().map(|state| &state.pair)) {
        refused.remove(pair);
    }
    Ok(refused.into_values().collect())
}

/// The same until all are sealed, or until it is `over`: under other manifests policy may say otherwise.
pub(super) async fn refuse_all(engine: Arc<Engine>, inputs: Arc<Inputs>, mut refused: Vec<Refused>, over: Arc<AtomicBool>) {
    while !refused.is_empty() && !over.load(Ordering::Relaxed) {
        match refuse(&engine, &inputs, refused.clone()).await {
            Ok(left) => refused = left,
            Err(error) => engine.tell(&Event::StoreFailed(error.to_string())),
        }
        if !refused.is_empty() {
            sleep(PAUSE).await;
        }
    }
}
