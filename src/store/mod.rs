//! The state directory: one SQLite file with the log, the fold over it, claims, known objects and deliveries; and beside it `checkpoint`, the
//! latest signed checkpoint, and `checkpoint.key`, unless the operator has a key.
//!
//! One thread writes; every change of a pair is one sealed batch inside one durable transaction. Any number of processes may
//! work on one state directory: claims with fencing keep them from running a pair twice.
//!
//! # Evidence
//!
//! For readers (`Db::open_read_only`):
//!
//! | what for | call |
//! |---|---|
//! | list records | [`Db::records`] with a [`RecordFilter`], one in memory at a time |
//! | show one | [`Db::record`] (subject, seq), [`Db::record_at`] (index), [`Db::record_named`] (leaf hash); [`Db::parts`] for all its parts, checked |
//! | size, root, dropped part | [`Db::tree_head`] |
//! | checkpoints, keys | [`Db::latest_checkpoint`], [`Db::checkpoints`], [`Db::verifier_keys`] |
//! | proofs | [`Db::prove`] (`tlog-proof` text through `Display`), [`Db::inclusion`], [`Db::consistency`], [`Db::root_at`] |
//! | verify a state directory | [`verify()`] with [`VerifyOptions`]; `SignedCheckpoint::find_all` reads notes and tokens out of any text |
//! | verify an export | feed `evidence::log::Auditor`, or `TlogProof::verify` for single records |
//! | rebuild the status | [`Db::replay`] |
//!
//! For writers (`Db::open`): [`Db::checkpoint_key`], [`Db::checkpoint`], [`Db::prune`]; [`write_checkpoint`] for a file elsewhere.
//! [`StoreError::Key`] is exit code 78, all others 74.

mod append;
mod checkpoint;
mod claim;
mod commit;
mod db;
mod delivery;
mod desired;
mod error;
mod escalation;
mod file;
mod freeze;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod handle;
mod key_file;
mod object;
mod presence;
mod prune;
mod read;
mod record;
mod replay;
mod request;
mod retention;
mod schema;
mod sealed;
mod state_dir;
mod sums;
mod tree;
mod verify;

pub use checkpoint::{KeptCheckpoint, write_checkpoint};
pub use claim::{Claim, LONGEST_CLAIM};
pub use commit::{Commit, Outcome};
pub(crate) use db::BUSY;
pub use db::Db;
pub use delivery::Told;
pub use desired::DesiredRow;
pub use error::StoreError;
pub use escalation::EscalationOutcome;
pub use handle::Store;
pub use object::{KnownObject, ObjectKey, Seen};
pub use presence::Presence;
pub use prune::{Prunable, Prune, Pruned};
pub use record::{LoggedRecord, RecordFilter};
pub use replay::{Difference, Replay};
pub use request::Wish;
pub use retention::RetentionPolicy;
pub use state_dir::{StateDirSources, state_dir};
pub use tree::TreeHead;
pub use verify::{Level, RecordCheck, VerifyOptions, VerifyReport, verify};
