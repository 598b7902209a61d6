//! Proofs that a record is in the log, as text (C2SP `tlog-proof`).

use std::fmt;

use super::checkpoint::SignedCheckpoint;
use super::encoding::{base64, decimal, from_base64, hash_from_base64};
use super::key::VerifierKey;
use super::note::{NOTE_MAX, NoteError};
use super::proof::{PROOF_MAX, ProofError, verify_inclusion};
use crate::api::Digest;

/// The first line.
const MAGIC: &str = "c2sp.org/tlog-proof@v1";
/// Most bytes of extra data.
pub const EXTRA_MAX: usize = 64 << 10;
/// Longest proof, in bytes.
pub const TLOG_PROOF_MAX: usize = NOTE_MAX + EXTRA_MAX * 2;

/// Why a text proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Not the form of such a proof.
    #[error("not a proof of inclusion: {0}")]
    Form(&'static str),
    /// The checkpoint in it can not be read or is not to be trusted.
    #[error("the checkpoint in the proof: {0}")]
    Checkpoint(#[from] NoteError),
    /// The hashes do not lead to the checkpoint.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// A proof that a record is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Data of the application; nothing vouches for it. tecrax puts the record's header here, as canonical JSON.
    pub extra: Option<Vec<u8>>,
    /// Index of the record, from 0.
    pub index: u64,
    /// From the leaf's sibling up to the root's child.
    pub path: Vec<Digest>,
    /// What the path leads to.
    pub checkpoint: SignedCheckpoint,
}

impl TlogProof {
    /// Reads a proof. Nothing is checked but the form: see [`TlogProof::verify`].
    ///
    /// # Errors
    /// [`TlogProofError`]
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        let form = TlogProofError::Form;
        if text.len() > TLOG_PROOF_MAX {
            return Err(form("longer than any proof"));
        }
        let (head, note) = text.split_once("\n\n").ok_or(form("no blank line stands before the checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(MAGIC) {
            return Err(form("the first line is not `c2sp.org/tlog-proof@v1`"));
        }
        let mut line = lines.next().unwrap_or_default();
        let mut extra = None;
        if let Some(data) = line.strip_prefix("extra ") {
            let data = from_base64(data).filter(|data| data.len() <= EXTRA_MAX);
            extra = Some(data.ok_or(form("the extra data is not base64 of at most 64 KiB"))?);
            line = lines.next().unwrap_or_default();
        }
        let index = line.strip_prefix("index ").and_then(decimal).ok_or(form("no line `index NUMBER`"))?;
        let path = lines.take(PROOF_MAX + 1).map(hash_from_base64).collect::<Option<Vec<_>>>();
        let path = path.filter(|path| path.len() <= PROOF_MAX).ok_or(form("its hashes are base64 of 32 bytes, 65 at most"))?;
        Ok(Self { extra, index, path, checkpoint: SignedCheckpoint::parse(note)? })
    }

    /// Checks that the record with this leaf hash is in a log that one of `keys` has signed.
    ///
    /// # Errors
    /// [`TlogProofError`]
    pub fn verify(&self, leaf: &Digest, keys: &[VerifierKey]) -> Result<(), TlogProofError> {
        self.checkpoint.verify(keys)?;
        let checkpoint = self.checkpoint.checkpoint();
        Ok(verify_inclusion(leaf, self.index, checkpoint.size, &self.path, &checkpoint.root)?)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{MAGIC}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", base64(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
