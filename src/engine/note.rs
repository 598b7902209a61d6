//! Records that are not runs, sealed in groups: tombstones, suspensions, denials.

use std::sync::Arc;

use jiff::SignedDuration;

use super::Engine;
use crate::api::PairId;
use crate::evidence::{Head, Place, Sealed};
use crate::status::PairState;
use crate::store::{Commit, Outcome, StoreError};

/// Records of one transaction.
const GROUP: usize = 256;
/// How long the claim for such a record holds: far longer than one transaction takes.
const CLAIM: SignedDuration = SignedDuration::from_secs(60);

/// Seals one record for each of `pairs`, as `say` makes it of the pair's state; what it says `None` of is left alone. Returns the
/// states after. A pair that somebody still works on is left to the next pass.
///
/// # Errors
/// The store's. What was committed before stays.
pub(super) async fn note(
    engine: &Engine,
    pairs: &[PairId],
    say: impl Fn(&PairId, Option<&PairState>, &Place<'_>) -> Option<Sealed>,
) -> Result<Vec<PairState>, Arc<StoreError>> {
    let mut noted = Vec::new();
    for group in pairs.chunks(GROUP) {
        let now = (engine.now)();
        let expires = now.checked_add(CLAIM).unwrap_or(now);
        let wanted = group.iter().map(|pair| (pair.clone(), expires)).collect();
        let granted = engine.store.claim(engine.holder.clone(), now, wanted).await?;
        let mut commits = Vec::with_capacity(granted.len());
        let mut give_back = Vec::new();
        for claim in granted {
            let head = claim.state.as_ref().map_or_else(Head::empty, PairState::head);
            let place = Place { origin: engine.store.origin(), head, at: now };
            match say(&claim.pair, claim.state.as_ref(), &place) {
                Some(record) => commits.push(Commit { records: vec![record], fence: claim.fence, release: true, answers: None }),
                None => give_back.push((claim.pair, claim.fence)),
            }
        }
        if !give_back.is_empty() {
            engine.store.release(give_back).await?;
        }
        if commits.is_empty() {
            continue;
        }
        let claims: Vec<_> = commits.iter().filter_map(Commit::claim).collect();
        let outcomes = engine.store.commit(commits).await;
        if outcomes.is_err() {
            engine.claimer.abandon(claims);
        }
        for outcome in outcomes? {
            if let Outcome::Durable(state) = outcome {
                noted.push(*state);
            }
        }
    }
    Ok(noted)
}
