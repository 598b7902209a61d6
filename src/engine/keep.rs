//! Keeping the log: signed checkpoints, and retention.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::Engine;
use crate::evidence::log::{SignedCheckpoint, SigningKey};
use crate::store::{Prune, RetentionPolicy, StoreError, write_checkpoint};

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
    written: Mutex<Option<SignedCheckpoint>>,
}

impl Keeper {
    pub(super) const fn new(keeping: Keeping) -> Self {
        Self { keeping, written: Mutex::new(None) }
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
    let Some(keeper) = engine.keeper.get() else { return Ok(None) };
    let checkpoint = engine.store.checkpoint(Arc::clone(&keeper.keeping.key), (engine.now)()).await?;
    let mut written = keeper.written.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(file) = &keeper.keeping.checkpoint_file
        && written.as_ref() != Some(&checkpoint)
    {
        write_checkpoint(file, &checkpoint)?;
        *written = Some(checkpoint.clone());
    }
    Ok(Some(checkpoint))
}
