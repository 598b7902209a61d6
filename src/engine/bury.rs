//! Tombstones: what nobody wants any more gets a last record, and its evidence stays.

use std::sync::Arc;

use super::note::note;
use super::{Engine, Event, Inputs};
use crate::api::PairId;
use crate::evidence::seal_tombstone;
use crate::store::StoreError;

/// Publishes what is wanted, seals a tombstone for every pair that no set of manifests wants any more, and returns those it sealed.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn bury(engine: &Engine, inputs: &Inputs) -> Result<Vec<PairId>, Arc<StoreError>> {
    let buried = note(engine, inputs.publish(engine).await?, |pair, state, place| {
        state.filter(|state| !state.removed)?;
        Some(seal_tombstone(pair, place, &inputs.provenance))
    })
    .await?;
    let buried: Vec<PairId> = buried.into_iter().map(|state| state.pair).collect();
    for pair in &buried {
        engine.tell(&Event::Removed(pair.clone()));
    }
    Ok(buried)
}
