//! Denials: that policy refused a plan stands in the log, once per plan and policy.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::epoch::Epoch;
use super::note::note;
use super::{Engine, Event};
use crate::admission::Denial;
use crate::api::{Digest, PairId};
use crate::desired::Pair;
use crate::evidence::{Place, seal_denial};
use crate::plan::propose;
use crate::status::{PairState, Refusal};
use crate::store::StoreError;

/// What makes two denials of a pair the same: digests of plan and policy.
pub(super) type Terms = (Digest, Digest);

/// Those of a denial that the log holds.
pub(super) const fn terms(refusal: &Refusal) -> Terms {
    (refusal.plan_digest, refusal.policy_digest)
}

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
        denied.is_some_and(|denied| terms(denied) == self.terms())
    }
}

/// Seals the denials that the log does not hold yet. Returns the pairs that somebody works on: theirs are not sealed.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn refuse(engine: &Engine, epoch: &Epoch, refused: &[Refused]) -> Result<HashSet<PairId>, Arc<StoreError>> {
    let ids: Vec<PairId> = refused.iter().map(|refused| refused.pair.id.clone()).collect();
    let by_id: HashMap<&PairId, &Refused> = refused.iter().map(|refused| (&refused.pair.id, refused)).collect();
    let say = |id: &PairId, state: Option<&PairState>, place: &Place<'_>| {
        let refused = by_id.get(id).filter(|refused| !refused.is_told(state))?;
        let plan = propose(&refused.pair);
        Some(seal_denial(&plan, &refused.denial, place, &epoch.inputs.provenance, &engine.redactor))
    };
    let tell = |states: Vec<PairState>| {
        for PairState { pair, denied, .. } in states {
            if let Some(denied) = denied {
                engine.tell(&Event::Denied(pair, denied.message));
            }
        }
    };
    Ok(note(engine, epoch, &ids, say, tell).await?.into_iter().collect())
}
