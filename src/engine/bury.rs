//! Tombstones: what nobody wants any more gets a last record, and its evidence stays.

use std::sync::Arc;

use super::epoch::Epoch;
use super::note::note;
use super::{Engine, Event};
use crate::api::PairId;
use crate::evidence::seal_tombstone;
use crate::store::StoreError;

/// What became of pairs that nobody wants any more.
#[derive(Debug)]
pub(super) struct Buried {
    /// Those with a tombstone since now.
    pub(super) pairs: Vec<PairId>,
    /// How many have none yet: somebody works on them.
    pub(super) left: usize,
}

/// Publishes what is wanted, and seals a tombstone for every pair that no set of manifests wants any more.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn bury(engine: &Engine, epoch: &Epoch) -> Result<Buried, Arc<StoreError>> {
    epoch.inputs.publish(engine).await?;
    let orphans = engine.store.orphans().await?;
    let noted = note(engine, epoch, &orphans, |pair, state, place| {
        state.filter(|state| !state.removed)?;
        Some(seal_tombstone(pair, place, &epoch.inputs.provenance))
    })
    .await?;
    let pairs: Vec<PairId> = noted.states.into_iter().map(|state| state.pair).collect();
    for pair in &pairs {
        engine.tell(&Event::Removed(pair.clone()));
    }
    Ok(Buried { pairs, left: noted.left.len() })
}
