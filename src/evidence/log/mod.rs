//! The log as an auditor sees it: the Merkle tree of RFC 6962, its proofs, and checkpoints that a key has signed. Pure.
//!
//! | what | format |
//! |---|---|
//! | leaf | RFC 6962 over the canonical JSON of a record's [`Header`](super::Header) |
//! | [`inclusion`], [`consistency`] | RFC 9162 §2.1.3, §2.1.4 |
//! | [`Note`], [`VerifierKey`] | C2SP `signed-note`, Ed25519 |
//! | [`Checkpoint`] | C2SP `tlog-checkpoint`; the key's name is the origin |
//! | [`TlogProof`] | C2SP `tlog-proof` |
//!
//! [`Auditor`] is the one verifier: a state directory and an export are both fed to it record by record.

mod audit;
mod checkpoint;
mod content;
mod defect;
mod encoding;
mod entry;
mod key;
mod note;
mod proof;
mod retention;
mod tlog_proof;
mod token;
mod tree;

pub use audit::{Audited, Auditor};
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use content::{RecordParts, Row, SharedParts, Together, gather, resolve};
pub use defect::{DEFECTS_MAX, Defect, Defects, Place};
pub use entry::{Entry, Examined, Slot, Stored};
pub use key::{KEY_NAME_MAX, KEY_TEXT_MAX, KeyError, SigningKey, VerifierKey};
pub use note::{NOTE_MAX, Note, NoteError, NoteSignature, SIGNATURES_MAX};
pub use proof::{Nodes, PROOF_MAX, ProofError, consistency, inclusion, root_at, verify_consistency, verify_inclusion};
pub use retention::{Dropped, Retention, STATES_PER_CHUNK};
pub use tlog_proof::{EXTRA_MAX, TLOG_PROOF_MAX, TlogProof, TlogProofError};
pub use tree::{BLOCK, Frontier, KEPT_LEVELS, Node, empty_root, leaf_hash, node_hash};
