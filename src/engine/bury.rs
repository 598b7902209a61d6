//! Tombstones: what nobody wants any more gets a last record, and its evidence stays.

use std::sync::Arc;

use super::epoch::Epoch;
use super::note::note;
use super::{Engine, Event};
use crate::api::PairId;
use crate::evidence::{Place, seal_tombstone};
use crate::status::PairState;
use crate::store::StoreError;

/// Publishes what is wanted, and seals a tombstone for every pair that no set of manifests wants any more. `buried` hears of those with one
/// since now, as soon as that is durable. Returns how many have none yet: somebody works on them.
///
/// # Errors
/// The store's. What was committed before stays, and `buried` has heard of it.
pub(super) async fn bury(engine: &Engine, epoch: &Epoch, mut buried: impl FnMut(Vec<PairId>)) -> Result<usize, Arc<StoreError>> {
    epoch.inputs.publish(engine).await?;
    let orphans = engine.store.orphans().await?;
    let say = |pair: &PairId, state: Option<&PairState>, place: &Place<'_>| {
        state.filter(|state| !state.removed)?;
        Some(seal_tombstone(pair, place, &epoch.inputs.provenance))
    };
    let tell = |states: Vec<PairState>| {
        let pairs: Vec<PairId> = states.into_iter().map(|state| state.pair).collect();
        for pair in &pairs {
            engine.tell(&Event::Removed(pair.clone()));
        }
        buried(pairs);
    };
    Ok(note(engine, epoch, &orphans, say, tell).await?.len())
}
