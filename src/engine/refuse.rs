//! Denials: that policy refused a plan stands in the log, once per plan and policy.

use std::collections::HashMap;
use std::sync::Arc;

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

/// Seals the denials that the log does not hold yet.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn refuse(engine: &Engine, inputs: &Inputs, refused: Vec<Refused>) -> Result<usize, Arc<StoreError>> {
    let ids: Vec<PairId> = refused.iter().map(|refused| refused.pair.id.clone()).collect();
    let refused: HashMap<PairId, Refused> = refused.into_iter().map(|refused| (refused.pair.id.clone(), refused)).collect();
    let noted = note(engine, &ids, |id, state, place| {
        let refused = refused.get(id).filter(|refused| !refused.is_told(state))?;
        let plan = propose(&refused.pair);
        Some(seal_denial(&plan, &refused.denial, place, &inputs.provenance, &engine.redactor))
    })
    .await?;
    for state in &noted {
        if let Some(denied) = &state.denied {
            engine.tell(&Event::Denied(state.pair.clone(), denied.message.clone()));
        }
    }
    Ok(noted.len())
}
