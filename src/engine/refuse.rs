//! Denials: that policy refused a plan stands in the log, once per plan and policy.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::epoch::Epoch;
use super::note::note;
use super::{Engine, Event};
use crate::admission::Denial;
use crate::api::{Digest, PairId};
use crate::desired::Pair;
use crate::evidence::seal_denial;
use crate::plan::propose;
use crate::status::PairState;
use crate::store::StoreError;

/// What makes two denials of a pair the same: digests of plan and policy.
pub(super) type Terms = (Digest, Digest);

/// A plan that policy refused.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) pair: Pair,
    pub(super) denial: Denial,
}

impl Refused {
    pub(super) const fn terms(&self) -> Terms {
        (self.denial.plan_digest, self.denial.policy)
    }

    /// Whether the log says so already.
    pub(super) fn is_told(&self, state: Option<&PairState>) -> bool {
        let denied = state.filter(|state| !state.removed).and_then(|state| state.denied.as_ref());
        denied.is_some_and(|denied| (denied.plan_digest, denied.policy_digest) == self.terms())
    }
}

/// Seals the denials that the log does not hold yet. Returns the pairs that somebody works on: theirs are not sealed.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn refuse(engine: &Engine, epoch: &Epoch, refused: &[Refused]) -> Result<HashSet<PairId>, Arc<StoreError>> {
    let ids: Vec<PairId> = refused.iter().map(|refused| refused.pair.id.clone()).collect();
    let by_id: HashMap<&PairId, &Refused> = refused.iter().map(|refused| (&refused.pair.id, refused)).collect();
    let noted = note(engine, epoch, &ids, |id, state, place| {
        let refused = by_id.get(id).filter(|refused| !refused.is_told(state))?;
        let plan = propose(&refused.pair);
        Some(seal_denial(&plan, &refused.denial, place, &epoch.inputs.provenance, &engine.redactor))
    })
    .await?;
    for state in &noted.states {
        if let Some(denied) = &state.denied {
            engine.tell(&Event::Denied(state.pair.clone(), denied.message.clone()));
        }
    }
    Ok(noted.left.into_iter().collect())
}
