//! Keeping the log: signed checkpoints, and retention.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::Engine;
use crate::evidence::log::{SignedCheckpoint, SigningKey};
use crate::store::{Prune, RetentionPolicy, StoreError, write_checkpoint};

/// How long the checkpoint file may take: it may lie on a disk of another machine.
const LONGEST_WRITE: Duration = Duration::from_secs(5);

/// How the log is kept. An engine that is told nothing signs nothing and drops nothing.
#[derive(Debug)]
pub struct Keeping {
    /// What signs checkpoints.
    pub key: Arc<SigningKey>,
    /// How long records are kept.
    pub retention: RetentionPolicy,
    /// Where the latest checkpoint is written besides the state directory.
    pub checkpoint_file: Option<PathBuf>,
}

/// A [`Keeping`] at work.
#[derive(Debug)]
pub(super) struct Keeper {
    keeping: Keeping,
    /// What this process wrote last to the file.
    written: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    last: Option<SignedCheckpoint>,
    /// A writing that took too long and has not come back. There is never a second one beside it.
    hanging: Option<JoinHandle<Result<(), StoreError>>>,
}

impl Keeper {
    pub(super) fn new(keeping: Keeping) -> Self {
        Self { keeping, written: Mutex::default() }
    }

    /// Writes a checkpoint that is another than the last one to the file.
    async fn write(&self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
        let Some(file) = &self.keeping.checkpoint_file else { return Ok(()) };
        let mut written = self.written.lock().await;
        if written.last.as_ref() != Some(checkpoint) {
            write(file, checkpoint, &mut written.hanging).await?;
            written.last = Some(checkpoint.clone());
        }
        Ok(())
    }
}

/// Drops what is too old or does not fit, when that is worth it; whether anything was.
///
/// # Errors
/// The store's.
pub(super) async fn drop_old(engine: &Engine) -> Result<bool, Arc<StoreError>> {
    let Some(keeper) = engine.keeper.get() else { return Ok(false) };
    let pruned = engine.store.prune(keeper.keeping.retention, Prune::Lazily, (engine.now)()).await?;
    if let Some(pruned) = &pruned {
        let dropped = &pruned.dropped;
        tracing::info!(
            records = dropped.records,
            runs = dropped.runs,
            reason = dropped.reason,
            "old evidence dropped and sealed"
        );
    }
    Ok(pruned.is_some())
}

/// Signs what the log is now, unless that was done before; `None` when nobody said how.
///
/// # Errors
/// The store's; [`StoreError::Diverged`] when the log is not what it was.
pub(super) async fn sign(engine: &Engine) -> Result<Option<SignedCheckpoint>, Arc<StoreError>> {
    let Some((keeper, checkpoint)) = signed(engine).await? else { return Ok(None) };
    keeper.write(&checkpoint).await?;
    Ok(Some(checkpoint))
}

/// One word for what the log is now, for a call. Where it can not be signed or written people are called all the same: whoever keeps
/// the log says what is wrong with it.
pub(super) async fn token(engine: &Engine) -> Option<String> {
    let (keeper, checkpoint) = signed(engine).await.ok().flatten()?;
    let _ = keeper.write(&checkpoint).await;
    checkpoint.token()
}

async fn signed(engine: &Engine) -> Result<Option<(&Keeper, SignedCheckpoint)>, Arc<StoreError>> {
    let Some(keeper) = engine.keeper.get() else { return Ok(None) };
    let checkpoint = engine.store.checkpoint(Arc::clone(&keeper.keeping.key), (engine.now)()).await?;
    Ok(Some((keeper, checkpoint)))
}

/// Writes the file on a thread of its own: whoever hangs at its disk holds up nobody else.
async fn write(
    file: &Path,
    checkpoint: &SignedCheckpoint,
    hanging: &mut Option<JoinHandle<Result<(), StoreError>>>,
) -> Result<(), StoreError> {
    let late = || StoreError::File { path: file.to_owned(), source: std::io::ErrorKind::TimedOut.into() };
    if hanging.as_ref().is_some_and(|writing| !writing.is_finished()) {
        return Err(late());
    }
    let (path, content) = (file.to_owned(), checkpoint.clone());
    let mut writing = tokio::task::spawn_blocking(move || write_checkpoint(&path, &content));
    if let Ok(done) = tokio::time::timeout(LONGEST_WRITE, &mut writing).await {
        return done.unwrap_or_else(|lost| Err(StoreError::File { path: file.to_owned(), source: lost.into() }));
    }
    *hanging = Some(writing);
    Err(late())
}
