//! Tombstones: what nobody wants any more gets a last record, and its evidence stays.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{Engine, Event, Inputs};
use crate::api::PairId;
use crate::evidence::{RecordKind, redact, seal, tombstone_body};
use crate::store::{Commit, Outcome, StoreError};

/// Tombstones of one transaction.
const GROUP: usize = 256;
/// How long the claim for a tombstone holds: far longer than one transaction takes.
const CLAIM: SignedDuration = SignedDuration::from_secs(60);

/// Seals a tombstone for every pair that no set of manifests wants any more, and returns those it sealed. A pair that somebody
/// still works on is left to the next pass.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn bury(engine: &Engine, inputs: &Inputs) -> Result<Vec<PairId>, Arc<StoreError>> {
    let mut buried = Vec::new();
    for group in inputs.orphans.chunks(GROUP) {
        let now = (engine.now)();
        let expires = now.checked_add(CLAIM).unwrap_or(now);
        let wanted = group.iter().map(|pair| (pair.clone(), expires)).collect();
        let granted = engine.store.claim(engine.holder.clone(), now, wanted).await?;
        let mut commits = Vec::with_capacity(granted.len());
        let mut give_back = Vec::new();
        for claim in granted {
            let Some(state) = claim.state.filter(|state| !state.removed) else {
                give_back.push((claim.pair, claim.fence));
                continue;
            };
            let body = redact(tombstone_body(&inputs.provenance), &engine.redactor);
            let record = seal(
                engine.store.origin(),
                &claim.pair.clone().into(),
                state.head(),
                RecordKind::Tombstone,
                body,
                Vec::new(),
                now,
            );
            commits.push(Commit { records: vec![record], fence: claim.fence, release: true });
        }
        if !give_back.is_empty() {
            engine.store.release(give_back).await?;
        }
        for outcome in engine.store.commit(commits).await? {
            if let Outcome::Durable(state) = outcome {
                engine.tell(&Event::Removed(state.pair.clone()));
                buried.push(state.pair);
            }
        }
    }
    Ok(buried)
}
