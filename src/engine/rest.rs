//! Suspensions: that a pair is wanted and does not run stands in the log, once.

use std::collections::HashMap;
use std::sync::Arc;

use super::note::note;
use super::{Engine, Inputs};
use crate::api::PairId;
use crate::desired::Pair;
use crate::evidence::seal_suspension;
use crate::status::PairState;
use crate::store::StoreError;

/// Seals a suspension for every suspended pair that has none since its last run. `states` are those of the pass: they only spare
/// the claim.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn rest(
    engine: &Engine,
    inputs: &Inputs,
    states: &HashMap<PairId, PairState>,
) -> Result<usize, Arc<StoreError>> {
    let told = |state: Option<&PairState>| state.is_some_and(|state| state.suspended && !state.removed);
    let suspended: HashMap<&PairId, &Pair> = inputs
        .desired
        .pairs
        .iter()
        .filter(|pair| (pair.check.suspend || pair.target.suspend) && !told(states.get(&pair.id)))
        .map(|pair| (&pair.id, pair))
        .collect();
    let mut ids: Vec<PairId> = suspended.keys().map(|id| (*id).clone()).collect();
    ids.sort_unstable();
    let noted = note(engine, &ids, |id, state, place| {
        if told(state) {
            return None;
        }
        suspended.get(id).map(|pair| seal_suspension(pair, place, &inputs.provenance))
    });
    Ok(noted.await?.len())
}
