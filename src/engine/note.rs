//! Records that are not runs, sealed in groups: tombstones, suspensions, denials.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::SignedDuration;

use super::Engine;
use super::epoch::Epoch;
use crate::api::PairId;
use crate::evidence::{Head, Place, Sealed};
use crate::status::PairState;
use crate::store::{Commit, Outcome, StoreError};

/// Records of one transaction.
const GROUP: usize = 256;
/// How long the claim for such a record holds: far longer than one transaction takes.
const CLAIM: SignedDuration = SignedDuration::from_secs(60);

/// Seals one record for each of `pairs`, as `say` makes it of the pair's state; what it says `None` of is left alone, and so is everything once
/// `epoch` is over. `sealed` hears of the states after each group as soon as that is durable: what fails later takes nothing back. Returns the
/// pairs that somebody works on: they are left to the next time.
///
/// # Errors
/// The store's. What was committed before stays, and `sealed` has heard of it.
pub(super) async fn note(
    engine: &Engine,
    epoch: &Epoch,
    pairs: &[PairId],
    say: impl Fn(&PairId, Option<&PairState>, &Place<'_>) -> Option<Sealed>,
    mut sealed: impl FnMut(Vec<PairState>),
) -> Result<Vec<PairId>, Arc<StoreError>> {
    let mut left = Vec::new();
    for group in pairs.chunks(GROUP) {
        if epoch.is_over() {
            break;
        }
        let wanted = group.iter().map(|pair| (pair.clone(), CLAIM)).collect();
        let granted = engine.claimer.claim(wanted).await?;
        let now = (engine.now)();
        let ours: HashSet<&PairId> = granted.iter().map(|claim| &claim.pair).collect();
        left.extend(group.iter().filter(|pair| !ours.contains(pair)).cloned());
        // Who has the claim now comes before whatever the next manifests lead to.
        let counts = !epoch.is_over();
        let mut commits = Vec::with_capacity(granted.len());
        let mut give_back = Vec::new();
        for claim in granted {
            let head = claim.state.as_ref().map_or_else(Head::empty, PairState::head);
            let place = Place { origin: engine.store.origin(), head, at: now };
            match counts.then(|| say(&claim.pair, claim.state.as_ref(), &place)).flatten() {
                Some(record) => commits.push(Commit { records: vec![record], fence: claim.fence, release: true, answers: None }),
                None => give_back.push((claim.pair, claim.fence)),
            }
        }
        engine.give_back(give_back).await;
        if commits.is_empty() {
            continue;
        }
        let claims: Vec<_> = commits.iter().filter_map(Commit::claim).collect();
        let outcomes = engine.store.commit(commits).await;
        if outcomes.is_err() {
            engine.claimer.abandon(claims.iter().cloned());
        }
        let mut states = Vec::with_capacity(claims.len());
        for (outcome, (pair, _)) in outcomes?.into_iter().zip(claims) {
            match outcome {
                Outcome::Durable(state) => states.push(*state),
                Outcome::Refused => left.push(pair),
            }
        }
        sealed(states);
    }
    Ok(left)
}
