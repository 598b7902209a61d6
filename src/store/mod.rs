//! The state directory: one SQLite file with the log, the fold over it, claims and known objects.
//!
//! One thread writes; every change of a pair is one sealed batch inside one durable transaction. Any number of processes may
//! work on one state directory: claims with fencing keep them from running a pair twice.

mod claim;
mod commit;
mod db;
mod desired;
mod error;
mod handle;
mod object;
mod read;
mod schema;
mod state_dir;
mod walk;

pub use claim::Claim;
pub use commit::{Commit, Outcome};
pub use db::Db;
pub use desired::DesiredRow;
pub use error::StoreError;
pub use handle::Store;
pub use object::{KnownObject, ObjectKey, Seen};
pub use read::LoggedRecord;
pub use state_dir::{StateDirSources, state_dir};
pub use walk::RecordFilter;
