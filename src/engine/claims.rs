//! Grouped claims: what is asked while the store works is asked of it in one transaction.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use tokio::sync::{mpsc, oneshot};

use crate::api::PairId;
use crate::run::Now;
use crate::store::{Claim, Store, StoreError};

/// Most requests of one transaction. A request is for the due pairs of one Target.
const GROUP_MAX: usize = 256;

/// Pairs that a task wants to work on, and for how long.
type Wanted = Vec<(PairId, SignedDuration)>;
type Answer = oneshot::Sender<Result<Vec<Claim>, Arc<StoreError>>>;

/// Claims pairs for many tasks at once.
#[derive(Debug, Clone)]
pub(super) struct Claimer {
    requests: mpsc::UnboundedSender<(Wanted, Answer)>,
    abandoned: Abandoned,
}

/// Claims of work that ended because the store failed.
type Abandoned = Arc<Mutex<Vec<(PairId, i64)>>>;

impl Claimer {
    /// Starts the claiming task; it ends with the last handle. Nobody waits for others: a group is whoever came while the store was
    /// busy with the one before.
    pub(super) fn start(store: Store, holder: String, now: Now) -> Self {
        let (requests, mut queue) = mpsc::unbounded_channel::<(Wanted, Answer)>();
        let abandoned = Abandoned::default();
        let left = Arc::clone(&abandoned);
        tokio::spawn(async move {
            let mut group = Vec::new();
            while queue.recv_many(&mut group, GROUP_MAX).await > 0 {
                give_back(&store, &left).await;
                let wanted = group.iter().flat_map(|(wanted, _)| wanted).cloned().collect();
                let now = Arc::clone(&now);
                let granted = store.claim(holder.clone(), move || now(), wanted).await.map_err(Arc::new);
                answer(group.drain(..), granted);
            }
        });
        Self { requests, abandoned }
    }

    /// Gives claims back before the next ones are asked for. For a store that has just failed: otherwise nobody would look at these
    /// pairs until their claims have run out.
    pub(super) fn abandon(&self, claims: impl IntoIterator<Item = (PairId, i64)>) {
        self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).extend(claims);
    }

    /// Returns when the claiming task has ended: every claim fails from then on.
    pub(super) async fn ended(&self) {
        self.requests.closed().await;
    }

    /// Claims each pair for its own time, from when that is granted. Pairs that another process works on are left out of the answer.
    ///
    /// # Errors
    /// Those of [`Store::claim`]: then nobody of the group has a claim.
    pub(super) async fn claim(&self, wanted: Wanted) -> Result<Vec<Claim>, Arc<StoreError>> {
        let (answer, wait) = oneshot::channel();
        self.requests.send((wanted, answer)).map_err(|_| Arc::new(StoreError::Closed))?;
        wait.await.map_err(|_| Arc::new(StoreError::Closed))?
    }
}

/// Gives back what was abandoned; when the store still fails, before the next claims.
async fn give_back(store: &Store, abandoned: &Abandoned) {
    let claims = std::mem::take(&mut *abandoned.lock().unwrap_or_else(PoisonError::into_inner));
    if !claims.is_empty() && store.release(claims.clone()).await.is_err() {
        abandoned.lock().unwrap_or_else(PoisonError::into_inner).extend(claims);
    }
}

/// Gives everybody of a group their own. What is granted stands in the order in which it was wanted, without what was not.
fn answer(group: impl Iterator<Item = (Wanted, Answer)>, granted: Result<Vec<Claim>, Arc<StoreError>>) {
    match granted {
        Ok(granted) => {
            let mut granted = granted.into_iter().peekable();
            for (wanted, answer) in group {
                let own = wanted.iter().filter_map(|(pair, _)| granted.next_if(|claim| claim.pair == *pair)).collect();
                // Whoever has gone away keeps its claims until they run out, or the process gives them up.
                let _ = answer.send(Ok(own));
            }
        }
        Err(error) => {
            for (_, answer) in group {
                let _ = answer.send(Err(Arc::clone(&error)));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]
mod tests {
    use tokio::sync::oneshot;

    use super::{SignedDuration, answer};
    use crate::api::PairId;
    use crate::store::Claim;

    fn pair(name: &str) -> PairId {
        PairId::parse(name).unwrap()
    }

    #[test]
    fn everybody_of_a_group_gets_their_own_claims_and_nobody_those_of_another() {
        let wanted = [&["default/a.one", "default/b.one"][..], &["default/a.two"], &["default/a.three", "default/b.three"]];
        // Another process works on b.one and a.two.
        let granted = [("default/a.one", 7), ("default/a.three", 1), ("default/b.three", 2)];
        let granted = granted.map(|(name, fence)| Claim { pair: pair(name), fence, state: None, request: None });
        let (group, mut waiting): (Vec<_>, Vec<_>) = wanted
            .iter()
            .map(|names| {
                let (answer, wait) = oneshot::channel();
                ((names.iter().map(|name| (pair(name), SignedDuration::ZERO)).collect(), answer), wait)
            })
            .unzip();
        answer(group.into_iter(), Ok(granted.into()));
        let mut got = waiting.iter_mut().map(|wait| {
            let claims = wait.try_recv().unwrap().unwrap();
            claims.iter().map(|claim| (claim.pair.to_string(), claim.fence)).collect::<Vec<_>>()
        });
        assert_eq!(got.next().unwrap(), [("default/a.one".to_owned(), 7_i64)]);
        assert!(got.next().unwrap().is_empty());
        assert_eq!(got.next().unwrap(), [("default/a.three".to_owned(), 1_i64), ("default/b.three".to_owned(), 2_i64)]);
    }
}
