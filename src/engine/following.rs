//! The task that follows the manifests: beside the loop, so that a large checkout delays no run.
//!
//! A hint or the clock only says "look". What is found is acted on when nobody seems to be writing any more: a burst of hints has
//! ended, or a second look finds the same, and Git holds no lock. A directory that never comes to rest is read all the same.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::hints::Hints;
use super::inputs::{Inputs, load_after, source_id};
use super::pulse::RETRY_MAX;
use super::reread::Rereading;
use super::{Engine, Event};
use crate::api::{Problem, Severity};
use crate::source::{Follower, GitLock, Look, Snapshot, Writing};
use crate::store::StoreError;

/// How often the manifests are looked at without any hint, unless told otherwise.
pub const RESCAN: Duration = Duration::from_secs(30);
/// Quiet that ends a burst of hints, and the time between two looks that must find the same.
const QUIET: Duration = Duration::from_millis(300);
/// Longest burst: a directory that never falls quiet is read all the same.
const BURST_MAX: Duration = Duration::from_secs(5);
/// How long a lock of Git is waited for, and how old it may be: one that a killed Git left behind stays for ever.
const LOCK_MAX: Duration = Duration::from_secs(30);
/// Between two looks at a lock.
const LOCK_LOOK: Duration = Duration::from_millis(50);

/// Problems, and objects, that get a line of their own: a broken commit may hold ten thousand.
const TOLD_MAX: usize = 100;

/// Manifests that differ from the last ones.
pub(super) struct News {
    /// What is wanted now.
    pub inputs: Arc<Inputs>,
    /// Hears when it was tried once to record what follows from them: the next look waits for that.
    pub tried: oneshot::Sender<()>,
}

/// The following task.
pub(super) struct Following {
    news: mpsc::Receiver<News>,
    task: JoinHandle<()>,
}

impl Following {
    /// Reads the manifests and goes on following them.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn start(engine: &Arc<Engine>, paths: &[PathBuf]) -> Result<(Self, Arc<Inputs>), Arc<StoreError>> {
        let (hints, queue) = Hints::new();
        let eyes = Eyes { hints, follower: Follower::new(paths.to_vec()) };
        let mut follow = Follow {
            engine: Arc::clone(engine),
            paths: paths.to_vec(),
            source: source_id(paths),
            eyes: Some(eyes),
            queue,
            current: None,
            taken: true,
            lock: None,
            rereading: Rereading::default(),
        };
        follow.wait_for_git().await;
        let Some(snapshot) = follow.look(Look::Anew).await else { return Err(Arc::new(StoreError::Closed)) };
        let inputs = follow.take(&snapshot).await?;
        let (sender, news) = mpsc::channel(1);
        Ok((Self { news, task: tokio::spawn(follow.run(sender)) }, inputs))
    }

    /// The next news; never without any.
    pub(super) async fn next(&mut self) -> News {
        match self.news.recv().await {
            Some(news) => news,
            None => std::future::pending().await,
        }
    }

    /// Follows no more.
    pub(super) async fn end(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// What looks at the file system; handed to a thread that may wait for it.
struct Eyes {
    hints: Hints,
    follower: Follower,
}

struct Follow {
    engine: Arc<Engine>,
    paths: Vec<PathBuf>,
    source: String,
    /// `None` while somebody looks.
    eyes: Option<Eyes>,
    queue: mpsc::Receiver<()>,
    current: Option<Arc<Inputs>>,
    /// Whether what was read last is in force.
    taken: bool,
    /// The lock that was told to be left behind.
    lock: Option<GitLock>,
    rereading: Rereading,
}

impl Follow {
    async fn run(mut self, news: mpsc::Sender<News>) {
        let every = self.engine.rescan_every();
        if let Some(inputs) = self.current.clone() {
            self.send(&news, inputs).await;
        }
        let mut next = Instant::now() + every;
        while !news.is_closed() {
            let (heard, look) = tokio::select! {
                Some(()) = self.queue.recv() => (true, Look::Stamps),
                () = self.engine.rescan.notified() => (false, Look::Content),
                () = sleep_until(next) => (false, Look::Stamps),
            };
            if heard {
                self.quiet().await;
            }
            let began = Instant::now();
            let mut failed = self.refresh_secrets().await;
            if let Some(snapshot) = self.read(heard, look).await {
                match self.take(&snapshot).await {
                    Ok(inputs) => self.send(&news, inputs).await,
                    Err(error) => {
                        self.taken = false;
                        self.engine.tell(&Event::StoreFailed(error.to_string()));
                        failed.get_or_insert(format!("manifests were not taken over: {error}"));
                    }
                }
            }
            self.engine.tell(&Event::Read { took: began.elapsed() });
            self.rereading.take(&self.engine, failed);
            next = Instant::now() + if self.taken { every } else { every.min(RETRY_MAX) };
        }
    }

    /// Hands news over and waits until what follows from them is recorded, or could not be: then it is tried again without us.
    async fn send(&mut self, news: &mpsc::Sender<News>, inputs: Arc<Inputs>) {
        let (tried, wait) = oneshot::channel();
        let sent = news.send(News { inputs, tried }).await;
        self.taken = sent.is_ok() && wait.await.is_ok();
    }

    /// Secrets are looked up when they are needed; what changed is hidden from now on. Answers why they can not be read: whoever needs one
    /// says so again, and the others go on.
    async fn refresh_secrets(&self) -> Option<String> {
        let secrets = Arc::clone(&self.engine.open.secrets);
        match spawn_blocking(move || secrets.refresh()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(format!("{error}; {}", error.help)),
            Err(error) => Some(format!("secrets were not read: {error}")),
        }
    }

    /// Looks until what is found holds still; `None` when it is what it was. `heard`: a burst of hints has just ended.
    async fn read(&mut self, heard: bool, look: Look) -> Option<Snapshot> {
        let mut look = if self.taken && self.is_published().await { look } else { Look::Anew };
        let mut fresh = None;
        let mut end = None;
        loop {
            let before = self.wait_for_git().await;
            let end = *end.get_or_insert_with(|| Instant::now() + BURST_MAX);
            let found = self.look(look).await;
            look = Look::Stamps;
            let differs = found.is_some();
            fresh = found.or(fresh);
            let moves = self.queue.try_recv().is_ok() || self.writing().await != before;
            let rests = fresh.is_none() || heard || !differs;
            if (rests && !moves) || Instant::now() >= end {
                return fresh;
            }
            tracing::debug!("the manifests differ, and may still be being written: looking again");
            self.quiet().await;
        }
    }

    /// Whether the store still holds what was published: another process may have read the manifests while they were being written.
    async fn is_published(&self) -> bool {
        let Some(current) = &self.current else { return false };
        current.is_published(&self.engine).await.unwrap_or(false)
    }

    /// Waits until a burst of hints has ended.
    async fn quiet(&mut self) {
        let end = Instant::now() + BURST_MAX;
        while Instant::now() < end {
            let quiet = (Instant::now() + QUIET).min(end);
            if timeout_at(quiet, self.queue.recv()).await.is_err() {
                break;
            }
        }
    }

    /// Waits while Git is writing; what its index is then.
    async fn wait_for_git(&mut self) -> Option<Writing> {
        let end = Instant::now() + LOCK_MAX;
        loop {
            let writing = self.writing().await;
            let Some(lock) = writing.as_ref().and_then(Writing::lock) else {
                self.lock = None;
                return writing;
            };
            let age = (self.engine.now)().duration_since(lock.since);
            if age.as_secs() >= LOCK_MAX.as_secs().cast_signed() || Instant::now() >= end {
                if self.lock.as_ref() != Some(lock) {
                    tracing::warn!(
                        "{} is older than {} s, as one that a killed git leaves behind: the manifests are read all the same",
                        lock.path.display(),
                        LOCK_MAX.as_secs()
                    );
                    self.lock = Some(lock.clone());
                }
                return writing;
            }
            tracing::debug!("{}: waiting until git is done", lock.path.display());
            sleep(LOCK_LOOK).await;
        }
    }

    async fn writing(&self) -> Option<Writing> {
        let paths = self.paths.clone();
        spawn_blocking(move || Writing::of(&paths)).await.ok()
    }

    async fn look(&mut self, look: Look) -> Option<Snapshot> {
        let now = (self.engine.now)();
        let mut eyes = if let Some(eyes) = self.eyes.take() {
            eyes
        } else {
            // A look that panicked is a bug; this one begins with nothing.
            let (hints, queue) = Hints::new();
            self.queue = queue;
            Eyes { hints, follower: Follower::new(self.paths.clone()) }
        };
        let looked = spawn_blocking(move || {
            // Before reading: what changes from here on makes a hint.
            eyes.hints.arm(eyes.follower.paths());
            let snapshot = eyes.follower.look(look, now);
            (eyes, snapshot)
        });
        match looked.await {
            Ok((eyes, snapshot)) => {
                tracing::debug!(?look, differ = snapshot.is_some(), "looked at the manifests");
                self.eyes = Some(eyes);
                snapshot
            }
            Err(error) => {
                tracing::error!("the manifests were not read: {error}");
                None
            }
        }
    }

    /// Makes a snapshot what is wanted, and publishes it.
    async fn take(&mut self, snapshot: &Snapshot) -> Result<Arc<Inputs>, Arc<StoreError>> {
        let before = self.current.as_deref();
        let inputs = Arc::new(load_after(&self.engine, snapshot, &self.source, before).await?);
        inputs.publish(&self.engine).await?;
        if before.is_none_or(|before| before.digest != inputs.digest || before.desired.problems != inputs.desired.problems) {
            tell(&self.engine, &inputs, before);
        }
        self.engine.tell(&Event::InForce(Arc::clone(&inputs)));
        self.current = Some(Arc::clone(&inputs));
        Ok(inputs)
    }
}

/// One line for the whole, one for each problem, and one for each object that went to its last good version or came back from it.
fn tell(engine: &Engine, inputs: &Inputs, before: Option<&Inputs>) {
    let errors = inputs.desired.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    engine.tell(&Event::Reloaded { pairs: inputs.desired.pairs.len(), errors, held: inputs.held.len() });
    // Errors first: what is beyond the bound matters least.
    let mut problems: Vec<&Problem> = inputs.desired.problems.iter().collect();
    problems.sort_by_key(|problem| problem.severity);
    bounded(problems.iter(), "problems; `tecrax plan` shows them", |problem| log(problem));
    let fresh = inputs.held.iter().filter(|held| before.is_none_or(|before| !before.held.contains(held)));
    bounded(fresh, "objects whose last good version keeps running", |held| {
        tracing::warn!(object = %held, "has errors: its last good version keeps running");
    });
    let mended = before.iter().flat_map(|before| &before.held).filter(|held| !inputs.held.contains(held));
    bounded(mended, "objects that are not kept at it any more", |held| {
        tracing::info!(object = %held, "is not kept at its last good version any more");
    });
}

/// Tells the first [`TOLD_MAX`] and counts the rest.
fn bounded<T>(list: impl Iterator<Item = T>, rest: &str, tell: impl Fn(T)) {
    let mut more = 0_usize;
    for (index, one) in list.enumerate() {
        if index < TOLD_MAX { tell(one) } else { more += 1 }
    }
    if more > 0 {
        tracing::warn!("{more} more {rest}");
    }
}

fn log(problem: &Problem) {
    let (reason, help) = (problem.reason, problem.help.as_deref());
    match problem.severity {
        Severity::Error => tracing::error!(reason, help, "{problem}"),
        Severity::Warning => tracing::warn!(reason, help, "{problem}"),
        Severity::Note => tracing::debug!(reason, help, "{problem}"),
    }
}
