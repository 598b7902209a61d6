//! Suspensions: that a pair is wanted and does not run stands in the log, once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Engine;
use super::epoch::Epoch;
use super::note::note;
use crate::api::PairId;
use crate::desired::Pair;
use crate::evidence::{Place, seal_suspension};
use crate::status::PairState;
use crate::store::StoreError;

/// What became of suspended pairs.
#[derive(Debug)]
pub(super) struct Rested {
    /// How many suspensions are sealed since now.
    pub(super) sealed: usize,
    /// How many are not: somebody works on the pairs.
    pub(super) left: usize,
}

/// Seals a suspension for every suspended pair that has none since its last run. `told`: pairs of which that is known already; they only
/// spare the claim.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn rest(engine: &Engine, epoch: &Epoch, told: &HashSet<PairId>) -> Result<Rested, Arc<StoreError>> {
    let inputs = &epoch.inputs;
    let suspended: HashMap<&PairId, &Pair> = inputs
        .desired
        .pairs
        .iter()
        .filter(|pair| (pair.check.suspend || pair.target.suspend) && !told.contains(&pair.id))
        .map(|pair| (&pair.id, pair))
        .collect();
    let mut ids: Vec<PairId> = suspended.keys().map(|id| (*id).clone()).collect();
    ids.sort_unstable();
    let say = |id: &PairId, state: Option<&PairState>, place: &Place<'_>| {
        if state.is_some_and(|state| state.suspended && !state.removed) {
            return None;
        }
        suspended.get(id).map(|pair| seal_suspension(pair, place, &inputs.provenance))
    };
    let mut sealed = 0;
    let left = note(engine, epoch, &ids, say, |states| sealed += states.len()).await?.len();
    Ok(Rested { sealed, left })
}
