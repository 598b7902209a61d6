//! The handle that many tasks share: one writer thread owns the database.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::{
    Claim, Commit, Db, DesiredRow, EscalationOutcome, KnownObject, ObjectKey, Outcome, Prune, Pruned, RetentionPolicy, Seen,
    StoreError, Told, Wish,
};
use crate::api::{EscalationId, PairId};
use crate::evidence::Sealed;
use crate::evidence::log::{SignedCheckpoint, SigningKey};
use crate::status::{EscalationState, Ledger, PairBrief, PairState};
use std::collections::{BTreeMap, HashMap, HashSet};

type Job = Box<dyn FnOnce(&mut Db) + Send>;

/// What the writer thread is asked to do.
enum Request {
    Work(Job),
    Close(oneshot::Sender<()>),
}

/// A cheap handle on the writer thread. The thread ends, and the database closes, with the last handle or with [`Store::close`].
#[derive(Debug, Clone)]
pub struct Store {
    requests: mpsc::Sender<Request>,
    /// Closes when the thread ends, however it does.
    alive: watch::Receiver<()>,
    origin: String,
    /// `None` in memory.
    directory: Option<Arc<Path>>,
    /// Since when the writer thread is at what it does now.
    at_work: Arc<Mutex<Option<Instant>>>,
}

impl Store {
    /// Opens the state directory and starts the writer thread.
    ///
    /// # Errors
    /// Those of [`Db::open`].
    pub fn open(directory: &Path, origin: &str) -> Result<Self, StoreError> {
        let store = Self::start(Db::open(directory, origin)?, directory)?;
        Ok(Self { directory: Some(directory.into()), ..store })
    }

    /// A store that is gone with its last handle, for simulations.
    ///
    /// # Errors
    /// Those of [`Db::in_memory`].
    pub fn in_memory(origin: &str) -> Result<Self, StoreError> {
        Self::start(Db::in_memory(origin)?, Path::new(""))
    }

    fn start(mut db: Db, directory: &Path) -> Result<Self, StoreError> {
        let origin = db.origin().to_owned();
        let (requests, queue) = mpsc::channel();
        let (life, alive) = watch::channel(());
        let at_work = Arc::new(Mutex::new(None));
        let clock = Arc::clone(&at_work);
        let say = move |since| *clock.lock().unwrap_or_else(PoisonError::into_inner) = since;
        thread::Builder::new()
            .name("tecrax-store".to_owned())
            .spawn(move || {
                let _life = life;
                for request in queue {
                    say(Some(Instant::now()));
                    match request {
                        Request::Work(job) => {
                            job(&mut db);
                            say(None);
                        }
                        Request::Close(closed) => {
                            db.close();
                            say(None);
                            let _ = closed.send(());
                            return;
                        }
                    }
                }
            })
            .map_err(|source| StoreError::Directory { path: directory.to_owned(), source })?;
        Ok(Self { requests, alive, origin, directory: None, at_work })
    }

    /// The name of this log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns when the writer thread has ended: it was closed, or there is a bug. Every call answers [`StoreError::Closed`] then.
    pub async fn ended(&self) {
        let mut alive = self.alive.clone();
        while alive.changed().await.is_ok() {}
    }

    /// For how long the writer thread has been at one thing; zero while it waits. A disk that does not answer shows here and nowhere else.
    pub fn busy_for(&self) -> Duration {
        let since = *self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Closes the database after what was asked before, and returns when it is closed, so that the end of the process does not cut
    /// it short. Every handle answers [`StoreError::Closed`] from then on.
    pub async fn close(&self) {
        let (closed, wait) = oneshot::channel();
        if self.requests.send(Request::Close(closed)).is_ok() {
            // A thread that is gone has closed the database, too.
            let _ = wait.await;
        }
    }

    async fn call<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |db| {
            // The caller may have been cancelled; the work is done all the same.
            let _ = answer.send(job(db));
        });
        self.requests.send(Request::Work(job)).map_err(|_| StoreError::Closed)?;
        wait.await.map_err(|_| StoreError::Closed)?
    }

    /// Asks the writer's own database: what was asked before is in the answer.
    ///
    /// # Errors
    /// Those of `question`, or [`StoreError::Closed`].
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.call(move |db| question(db)).await
    }

    /// See [`Db::probe`].
    ///
    /// # Errors
    /// Those of [`Db::probe`], or [`StoreError::Closed`].
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.call(|db| db.probe()).await
    }

    /// See [`Db::states`].
    ///
    /// # Errors
    /// Those of [`Db::states`], or [`StoreError::Closed`].
    pub async fn states(&self) -> Result<HashMap<PairId, PairState>, StoreError> {
        self.call(|db| db.states()).await
    }

    /// What `make` makes of every pair's state, as far as a daemon keeps it; see [`Db::gather`].
    ///
    /// # Errors
    /// Those of [`Db::gather`], or [`StoreError::Closed`].
    pub async fn briefs<T: Send + 'static>(
        &self,
        make: impl Fn(PairBrief) -> Option<T> + Send + Sync + 'static,
    ) -> Result<Vec<T>, StoreError> {
        self.call(move |db| db.gather(&make)).await
    }

    /// See [`Db::objects`].
    ///
    /// # Errors
    /// Those of [`Db::objects`], or [`StoreError::Closed`].
    pub async fn objects(&self) -> Result<HashMap<ObjectKey, KnownObject>, StoreError> {
        self.call(|db| db.objects()).await
    }

    /// See [`Db::observe`].
    ///
    /// # Errors
    /// Those of [`Db::observe`], or [`StoreError::Closed`].
    pub async fn observe(&self, seen: Vec<(ObjectKey, Seen)>) -> Result<HashMap<ObjectKey, KnownObject>, StoreError> {
        self.call(move |db| db.observe(&seen)).await
    }

    /// See [`Db::replace_desired`].
    ///
    /// # Errors
    /// Those of [`Db::replace_desired`], or [`StoreError::Closed`].
    pub async fn replace_desired(&self, source: String, digest: String, rows: Vec<DesiredRow>) -> Result<(), StoreError> {
        self.call(move |db| db.replace_desired(&source, &digest, &rows)).await
    }

    /// See [`Db::desired_digest`].
    ///
    /// # Errors
    /// Those of [`Db::desired_digest`], or [`StoreError::Closed`].
    pub async fn desired_digest(&self, source: String) -> Result<Option<String>, StoreError> {
        self.call(move |db| db.desired_digest(&source)).await
    }

    /// See [`Db::desired_by`].
    ///
    /// # Errors
    /// Those of [`Db::desired_by`], or [`StoreError::Closed`].
    pub async fn desired_by(&self, source: String, kind: &'static str) -> Result<Vec<DesiredRow>, StoreError> {
        self.call(move |db| db.desired_by(&source, kind)).await
    }

    /// See [`Db::orphans`].
    ///
    /// # Errors
    /// Those of [`Db::orphans`], or [`StoreError::Closed`].
    pub async fn orphans(&self) -> Result<Vec<PairId>, StoreError> {
        self.call(|db| db.orphans()).await
    }

    /// See [`Db::release_all`].
    ///
    /// # Errors
    /// Those of [`Db::release_all`], or [`StoreError::Closed`].
    pub async fn release_all(&self, holder: String) -> Result<(), StoreError> {
        self.call(move |db| db.release_all(&holder)).await
    }

    /// See [`Db::claim`].
    ///
    /// # Errors
    /// Those of [`Db::claim`], or [`StoreError::Closed`].
    pub async fn claim(
        &self,
        holder: String,
        now: impl FnOnce() -> Timestamp + Send + 'static,
        wanted: Vec<(PairId, SignedDuration)>,
    ) -> Result<Vec<Claim>, StoreError> {
        self.call(move |db| db.claim(&holder, now, &wanted)).await
    }

    /// See [`Db::requests`].
    ///
    /// # Errors
    /// Those of [`Db::requests`], or [`StoreError::Closed`].
    pub async fn requests(&self) -> Result<HashMap<PairId, Timestamp>, StoreError> {
        self.call(|db| db.requests()).await
    }

    /// See [`Db::grant_wishes`].
    ///
    /// # Errors
    /// Those of [`Db::grant_wishes`], or [`StoreError::Closed`].
    pub async fn grant_wishes(&self, wishes: Vec<Wish>, now: Timestamp) -> Result<usize, StoreError> {
        self.call(move |db| db.grant_wishes(&wishes, now)).await
    }

    /// See [`Db::forget_requests`].
    ///
    /// # Errors
    /// Those of [`Db::forget_requests`], or [`StoreError::Closed`].
    pub async fn forget_requests(&self, pairs: Vec<PairId>) -> Result<(), StoreError> {
        self.call(move |db| db.forget_requests(&pairs)).await
    }

    /// See [`Db::release`].
    ///
    /// # Errors
    /// Those of [`Db::release`], or [`StoreError::Closed`].
    pub async fn release(&self, claims: Vec<(PairId, i64)>) -> Result<(), StoreError> {
        self.call(move |db| db.release(&claims)).await
    }

    /// See [`Db::commit`].
    ///
    /// # Errors
    /// Those of [`Db::commit`], or [`StoreError::Closed`].
    pub async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Outcome>, StoreError> {
        self.call(move |db| db.commit(&commits)).await
    }

    /// See [`Db::escalations`].
    ///
    /// # Errors
    /// Those of [`Db::escalations`], or [`StoreError::Closed`].
    pub async fn escalations(&self) -> Result<BTreeMap<EscalationId, EscalationState>, StoreError> {
        self.call(|db| db.escalations()).await
    }

    /// See [`Db::commit_escalations`].
    ///
    /// # Errors
    /// Those of [`Db::commit_escalations`], or [`StoreError::Closed`].
    pub async fn commit_escalations(&self, records: Vec<Sealed>) -> Result<Vec<EscalationOutcome>, StoreError> {
        self.call(move |db| db.commit_escalations(&records)).await
    }

    /// See [`Db::desired`].
    ///
    /// # Errors
    /// Those of [`Db::desired`], or [`StoreError::Closed`].
    pub async fn desired(&self, kind: &'static str) -> Result<Vec<DesiredRow>, StoreError> {
        self.call(move |db| db.desired(kind)).await
    }

    /// See [`Db::checkpoint_key`].
    ///
    /// # Errors
    /// Those of [`Db::checkpoint_key`], or [`StoreError::Closed`].
    pub async fn checkpoint_key(&self, file: Option<PathBuf>) -> Result<SigningKey, StoreError> {
        self.call(move |db| db.checkpoint_key(file.as_deref())).await
    }

    /// See [`Db::checkpoint`].
    ///
    /// # Errors
    /// Those of [`Db::checkpoint`], or [`StoreError::Closed`].
    pub async fn checkpoint(&self, key: Arc<SigningKey>, now: Timestamp) -> Result<SignedCheckpoint, StoreError> {
        self.call(move |db| db.checkpoint(&key, now)).await
    }

    /// See [`Db::prune`]. Folding what goes can take minutes, so it has a connection of its own, and those who commit go on.
    ///
    /// # Errors
    /// Those of [`Db::prune`], or [`StoreError::Closed`].
    pub async fn prune(&self, policy: RetentionPolicy, mode: Prune, now: Timestamp) -> Result<Option<Pruned>, StoreError> {
        if !self.call(move |db| db.is_due(&policy, mode, now)).await? {
            return Ok(None);
        }
        let Some(directory) = self.directory.clone() else { return self.call(move |db| db.prune(&policy, mode, now)).await };
        let origin = self.origin.clone();
        let work = tokio::task::spawn_blocking(move || {
            let mut db = Db::open(&directory, &origin)?;
            let pruned = db.prune(&policy, mode, now)?;
            db.close();
            Ok(pruned)
        });
        work.await.map_err(|_| StoreError::Closed)?
    }

    /// See [`Db::take_sink`].
    ///
    /// # Errors
    /// Those of [`Db::take_sink`], or [`StoreError::Closed`].
    pub async fn take_sink(
        &self,
        sink: String,
        holder: String,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Ledger>, StoreError> {
        self.call(move |db| db.take_sink(&sink, &holder, now, until)).await
    }

    /// See [`Db::tell_sink`].
    ///
    /// # Errors
    /// Those of [`Db::tell_sink`], or [`StoreError::Closed`].
    pub async fn tell_sink(&self, told: Told, holder: String, until: Timestamp) -> Result<bool, StoreError> {
        self.call(move |db| db.tell_sink(&told, &holder, until)).await
    }

    /// See [`Db::begin_sink`].
    ///
    /// # Errors
    /// Those of [`Db::begin_sink`], or [`StoreError::Closed`].
    pub async fn begin_sink(&self, told: Told, holder: String, until: Timestamp) -> Result<bool, StoreError> {
        self.call(move |db| db.begin_sink(&told, &holder, until)).await
    }

    /// See [`Db::leave_sink`].
    ///
    /// # Errors
    /// Those of [`Db::leave_sink`], or [`StoreError::Closed`].
    pub async fn leave_sink(&self, sink: String, holder: String) -> Result<(), StoreError> {
        self.call(move |db| db.leave_sink(&sink, &holder)).await
    }

    /// See [`Db::ledger`].
    ///
    /// # Errors
    /// Those of [`Db::ledger`], or [`StoreError::Closed`].
    pub async fn ledger(&self, sink: String) -> Result<Ledger, StoreError> {
        self.call(move |db| db.ledger(&sink)).await
    }

    /// See [`Db::forget_sinks`].
    ///
    /// # Errors
    /// Those of [`Db::forget_sinks`], or [`StoreError::Closed`].
    pub async fn forget_sinks(&self, wanted: HashSet<String>) -> Result<(), StoreError> {
        self.call(move |db| db.forget_sinks(&wanted)).await
    }
}
