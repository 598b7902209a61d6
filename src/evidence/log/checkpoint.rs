//! Checkpoints (C2SP `tlog-checkpoint`): what the log was at a size.

use std::fmt;

use super::encoding::{base64, decimal, hash_from_base64};
use super::key::{SigningKey, VerifierKey};
use super::note::{Note, NoteError};
use super::token;
use crate::api::Digest;

/// What the log was at a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Number of records.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The note's text: origin, size, root in base64, a line each.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64(self.root.as_bytes()))
    }

    /// Reads a note's text. Extension lines are accepted and ignored.
    ///
    /// # Errors
    /// [`NoteError::Form`]
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        const FORM: NoteError = NoteError::Form("a checkpoint's lines are origin, size and root hash");
        let mut lines = text.strip_suffix('\n').ok_or(FORM)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else { return Err(FORM) };
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(FORM);
        }
        let (size, root) = (decimal(size).ok_or(FORM)?, hash_from_base64(root).ok_or(FORM)?);
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`NoteError`]: the origin holds a control character.
    pub fn sign(self, key: &SigningKey) -> Result<SignedCheckpoint, NoteError> {
        let text = self.text();
        let signature = key.sign(&text);
        Ok(SignedCheckpoint { note: Note::new(text, vec![signature])?, checkpoint: self })
    }
}

/// A checkpoint with its signatures, read but not yet trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads a signed note. The signatures are not checked: see [`SignedCheckpoint::verify`].
    ///
    /// # Errors
    /// [`NoteError`]
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        let note = Note::parse(note)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    pub(super) fn of_note(note: Note) -> Result<Self, NoteError> {
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// Every checkpoint in `text`: the text is a signed note, or it holds tokens among other words, as a cron mail does.
    ///
    /// # Errors
    /// [`NoteError`] when there is none: that of the note if the text looks like one.
    pub fn find_all(text: &str) -> Result<Vec<Self>, NoteError> {
        let note = Self::parse(text);
        if let Ok(checkpoint) = note {
            return Ok(vec![checkpoint]);
        }
        match token::find_all(text) {
            found if !found.is_empty() => Ok(found),
            _ => note.map(|checkpoint| vec![checkpoint]),
        }
    }

    /// What it says.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed note.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// One word that holds all of it; `None` when no signature is by a key named after the log.
    pub fn token(&self) -> Option<String> {
        token::write(self)
    }

    /// The first of `keys` that has signed.
    ///
    /// # Errors
    /// [`NoteError::Unknown`] or [`NoteError::Signature`].
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<&'k VerifierKey, NoteError> {
        self.note.verify(keys)
    }
}

/// The signed note.
impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}
