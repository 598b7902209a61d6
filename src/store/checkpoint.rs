//! Checkpoints: what the log was, signed, in the database and in a plain file beside it.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::file::{read_bounded, write_atomically};
use super::tree::signed;
use super::{Db, StoreError};
use crate::api::Digest;
use crate::evidence::log::{Checkpoint, NOTE_MAX, SignedCheckpoint, SigningKey, TlogProof, VerifierKey};

/// Name of the plain file with the latest checkpoint.
pub(super) const FILE: &str = "checkpoint";

/// Why the plain file says nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    /// It could not be read.
    #[error(transparent)]
    File(#[from] io::Error),
    /// It is no checkpoint.
    #[error("{0}")]
    Content(String),
}

/// A checkpoint as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCheckpoint {
    /// When it was signed.
    pub made: Timestamp,
    /// The checkpoint.
    pub signed: SignedCheckpoint,
}

impl Db {
    /// Signs what the log is now, keeps that, and writes it to the file `checkpoint` in the state directory. When the latest
    /// checkpoint of this key is of the same size it is returned again and nothing is written.
    ///
    /// # Errors
    /// [`StoreError::Diverged`] when the log is not a continuation of what the file says: somebody put an older copy back, or
    /// rewrote it; then nothing is signed. [`StoreError::File`], SQLite's, or [`StoreError::Damaged`].
    pub fn checkpoint(&mut self, key: &SigningKey, now: Timestamp) -> Result<SignedCheckpoint, StoreError> {
        let head = self.tree_head()?;
        if let Some(latest) = self.latest_checkpoint()?
            && (latest.signed.checkpoint().size, latest.signed.checkpoint().root) == (head.size, head.root)
            && latest.signed.verify(std::slice::from_ref(key.verifier())).is_ok()
            && self.file_says(&latest.signed)
        {
            return Ok(latest.signed);
        }
        // Under the write lock, so that two processes write the file in the order of the sizes.
        let transaction = rusqlite::Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let head = self.tree_head()?;
        self.check_file(head.size, &head.root)?;
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: head.size, root: head.root };
        let signed_note =
            checkpoint.sign(key).map_err(|error| StoreError::Damaged { what: format!("the log's name: {error}") })?;
        let note = signed_note.to_string();
        let made = now.as_millisecond();
        let sum = sum(head.size, key.verifier().id(), made, &note, None);
        transaction.prepare_cached("INSERT OR IGNORE INTO keys (vkey) VALUES (?1)")?.execute([key.verifier().to_string()])?;
        transaction
            .prepare_cached("INSERT OR REPLACE INTO checkpoints (size, key, made_ms, note, sum) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![signed(head.size), key.verifier().id(), made, note, sum.as_bytes()])?;
        write_atomically(&self.directory.join(FILE), note.as_bytes())?;
        transaction.commit()?;
        Ok(signed_note)
    }

    /// The checkpoint with the largest size; of several the latest.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn latest_checkpoint(&self) -> Result<Option<KeptCheckpoint>, StoreError> {
        let row: Option<(i64, String)> = self
            .connection
            .prepare_cached("SELECT made_ms, note FROM checkpoints ORDER BY size DESC, made_ms DESC LIMIT 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        row.map(kept).transpose()
    }

    /// Every kept checkpoint, smallest first. Retention keeps the newest 10,000 of the part that it drops.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn checkpoints(&self) -> Result<Vec<KeptCheckpoint>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT made_ms, note FROM checkpoints ORDER BY size, made_ms")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| kept(row?)).collect()
    }

    /// Public halves of the keys that have signed this log, as the database says: enough to notice damage, not to trust a stranger's
    /// copy. Whoever audits takes the key from elsewhere.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn verifier_keys(&self) -> Result<Vec<VerifierKey>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT vkey FROM keys ORDER BY vkey")?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        rows.map(|row| {
            VerifierKey::parse(&row?).map_err(|error| StoreError::Damaged { what: format!("a verifier key: {error}") })
        })
        .collect()
    }

    /// The proof that record `index` is in the log, against the latest checkpoint, with the record's header as extra data; `None`
    /// when no checkpoint covers it yet, or retention has dropped it.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn prove(&self, index: u64) -> Result<Option<TlogProof>, StoreError> {
        let (Some(record), Some(latest)) = (self.record_at(index)?, self.latest_checkpoint()?) else { return Ok(None) };
        let size = latest.signed.checkpoint().size;
        if index >= size {
            return Ok(None);
        }
        let path = self.inclusion(index, size)?;
        Ok(Some(TlogProof { extra: Some(record.header.canonical()), index, path, checkpoint: latest.signed }))
    }

    /// The checkpoint in the plain file; `None` when there is no file.
    pub(super) fn file_checkpoint(&self) -> Result<Option<SignedCheckpoint>, Unread> {
        match read_bounded(&self.directory.join(FILE), NOTE_MAX) {
            Ok(None) => Ok(None),
            Ok(Some(text)) => SignedCheckpoint::parse(&text).map(Some).map_err(|error| Unread::Content(error.to_string())),
            Err(error) if matches!(error.kind(), io::ErrorKind::Other | io::ErrorKind::InvalidData) => {
                Err(Unread::Content(error.to_string()))
            }
            Err(error) => Err(Unread::File(error)),
        }
    }

    fn file_says(&self, latest: &SignedCheckpoint) -> bool {
        matches!(self.file_checkpoint(), Ok(Some(file)) if file == *latest)
    }

    /// Refuses to sign what is no continuation of what the file says.
    fn check_file(&self, size: u64, root: &Digest) -> Result<(), StoreError> {
        let diverged = |what: String| StoreError::Diverged { path: self.directory.clone(), what };
        let file = self.file_checkpoint().map_err(|error| match error {
            Unread::Content(what) => diverged(format!("the file checkpoint: {what}")),
            // That says nothing about the log: no descriptor is left, or the disk fails.
            Unread::File(source) => StoreError::File { path: self.directory.join(FILE), source },
        })?;
        let Some(file) = file else { return Ok(()) };
        let said = file.checkpoint();
        if said.origin != self.origin {
            return Err(diverged(format!("the file is of the log {}, this one is {}", said.origin, self.origin)));
        }
        if said.size > size {
            return Err(diverged(format!("it had {} records and has {size}: it is an older copy, or was cut", said.size)));
        }
        let then = if said.size == size { *root } else { self.root_at(said.size)? };
        if then == said.root { Ok(()) } else { Err(diverged(format!("its first {} records are others", said.size))) }
    }
}

/// Writes a checkpoint to a file of the caller's: to a new file beside it, on the disk, then renamed over it.
///
/// # Errors
/// [`StoreError::File`]
pub fn write_checkpoint(path: &Path, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
    write_atomically(path, checkpoint.to_string().as_bytes())
}

/// What a row of the table sums up to.
pub(super) fn sum(size: u64, key: u32, made_ms: i64, note: &str, nodes: Option<&[u8]>) -> Digest {
    let (size, key, made) = (size.to_be_bytes(), key.to_be_bytes(), made_ms.to_be_bytes());
    let absent: &[u8] = &[];
    Digest::of_parts([size.as_slice(), &key, &made, note.as_bytes(), nodes.map_or(absent, |_| &[1]), nodes.unwrap_or(absent)])
}

fn kept((made, note): (i64, String)) -> Result<KeptCheckpoint, StoreError> {
    let damaged = |what: String| StoreError::Damaged { what: format!("a checkpoint: {what}") };
    Ok(KeptCheckpoint {
        made: Timestamp::from_millisecond(made).map_err(|error| damaged(error.to_string()))?,
        signed: SignedCheckpoint::parse(&note).map_err(|error| damaged(error.to_string()))?,
    })
}
