//! Grouped commits: many runs, one durable transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::store::{Commit, Outcome, Store, StoreError};

/// Most runs of one transaction: while it is written nobody can claim, and whoever has claimed has to be enough until then.
const GROUP_MAX: usize = 128;
/// Runs for which a group waits for no more: the disk is waited for seldom enough, and a store that works while others are read is
/// through sooner than one that gets them all at the end. While it works, larger groups come together by themselves.
const GROUP_ENOUGH: usize = 64;
/// Runs that are sealed and not durable yet: two groups, so that the store never waits for the next one. What waits to be sealed takes
/// a tenth of the memory.
const SEALED_MAX: usize = 2 * GROUP_MAX;
/// Longest wait for others to join a group. kill −9 loses at most the runs of this time.
const GROUP_WAIT: Duration = Duration::from_millis(50);

type Answer = oneshot::Sender<Result<Outcome, Arc<StoreError>>>;

/// Hands sealed runs to the store in groups.
#[derive(Debug, Clone)]
pub(super) struct Committer {
    queue: mpsc::UnboundedSender<(Commit, Answer)>,
    desk: Arc<Semaphore>,
}

impl Committer {
    /// Starts the committing task; it ends with the last handle. `in_flight` counts the runs that may still come: when all of
    /// them stand in the group, there is nobody to wait for. What is committed, or can not be, is taken off here, before anybody hears
    /// of it: the next group must not wait for runs that it follows.
    pub(super) fn start(store: Store, in_flight: Arc<AtomicUsize>) -> Self {
        let (sender, mut queue) = mpsc::unbounded_channel::<(Commit, Answer)>();
        tokio::spawn(async move {
            while let Some(first) = queue.recv().await {
                let deadline = Instant::now() + GROUP_WAIT;
                let mut group = vec![first];
                while group.len() < GROUP_ENOUGH && in_flight.load(Ordering::SeqCst) > group.len() {
                    match timeout_at(deadline, queue.recv()).await {
                        Ok(Some(next)) => group.push(next),
                        Ok(None) | Err(_) => break,
                    }
                }
                while group.len() < GROUP_MAX
                    && let Ok(next) = queue.try_recv()
                {
                    group.push(next);
                }
                let (commits, answers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
                let committed = store.commit(commits).await;
                in_flight.fetch_sub(answers.len(), Ordering::SeqCst);
                match committed {
                    Ok(outcomes) => {
                        for (answer, outcome) in answers.into_iter().zip(outcomes) {
                            let _ = answer.send(Ok(outcome));
                        }
                    }
                    Err(error) => {
                        let error = Arc::new(error);
                        for answer in answers {
                            let _ = answer.send(Err(Arc::clone(&error)));
                        }
                    }
                }
            }
        });
        Self { queue: sender, desk: Arc::new(Semaphore::new(SEALED_MAX)) }
    }

    /// Waits for the right to seal a run; it is kept until the run is durable, or can not be. `None` never comes.
    pub(super) async fn desk(&self) -> Option<SemaphorePermit<'_>> {
        self.desk.acquire().await.ok()
    }

    /// Returns when the committing task has ended: every commit fails from then on.
    pub(super) async fn ended(&self) {
        self.queue.closed().await;
    }

    /// Returns after the commit is durable, or refused.
    pub(super) async fn commit(&self, commit: Commit) -> Result<Outcome, Arc<StoreError>> {
        let (answer, wait) = oneshot::channel();
        self.queue.send((commit, answer)).map_err(|_| Arc::new(StoreError::Closed))?;
        wait.await.map_err(|_| Arc::new(StoreError::Closed))?
    }
}
