//! Verification of a state directory: I/O around `evidence::log::Auditor`.

mod auditing;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod named;
mod past;
mod promises;
mod rows;
mod stream;
mod wal;

use std::path::Path;

use super::replay::Difference;
use super::tree::{StoredTree, stored_tree};
use super::{Db, StoreError};
use crate::evidence::log::{Audited, Checkpoint, Defect, Defects, Frontier, Place, RecordParts, SignedCheckpoint, VerifierKey};

use promises::Promises;

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// Tree, sequences, digests of bodies and stored parts, checkpoints.
    Quick,
    /// Also the form of every body, the digest of every part, the stored states against a replay, the rows beside the log, and the
    /// database file's own structure.
    #[default]
    Full,
}

/// A further check of every record, with all its parts: it returns what is wrong.
pub type RecordCheck<'a> = dyn Fn(&RecordParts<'_>) -> Vec<Defect> + 'a;

/// What a verification is asked to do.
#[derive(Default)]
pub struct VerifyOptions<'a> {
    /// How much.
    pub level: Level,
    /// Keys that the caller trusts. Without any, the keys that the database names are used: that finds damage, not a stranger's copy.
    pub keys: Vec<VerifierKey>,
    /// Checkpoints from elsewhere: the log must continue each of them.
    pub checkpoints: Vec<SignedCheckpoint>,
    /// A further check of every record; in a full verification only.
    pub check: Option<&'a RecordCheck<'a>>,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// Name of the log.
    pub origin: String,
    /// How much was checked.
    pub level: Level,
    /// Records ever appended.
    pub size: u64,
    /// Root of the tree over them.
    pub root: crate::api::Digest,
    /// Records before this index were dropped by retention.
    pub pruned: u64,
    /// Records read.
    pub records: u64,
    /// Those that are runs.
    pub runs: u64,
    /// Subjects with records, or with a sealed state.
    pub subjects: u64,
    /// Checkpoints of the database that were checked.
    pub checkpoints: u64,
    /// The largest of them.
    pub latest: Option<Checkpoint>,
    /// Checkpoints given by the caller that the log continues.
    pub continued: u64,
    /// Keys by which signatures were checked.
    pub keys: Vec<VerifierKey>,
    /// Whether those are keys that the caller trusts.
    pub trusted: bool,
    /// Pairs whose stored state is not what the log says, in a full verification.
    pub differences: Vec<Difference>,
    /// What is wrong.
    pub defects: Defects,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub const fn is_sound(&self) -> bool {
        self.defects.is_empty()
    }
}

/// Verifies the state directory, its write-ahead log and the file `checkpoint` included. Writes nothing.
///
/// # Errors
/// Those of [`Db::open_read_only`], and [`StoreError::Damaged`] when nothing of it can be read; what is wrong inside is in the report.
pub fn verify(directory: &Path, options: &VerifyOptions<'_>) -> Result<VerifyReport, StoreError> {
    // Before SQLite looks: it takes a damaged frame for the end, and forgets that there was more.
    let wal = wal::check(directory);
    match (Db::open_read_only(directory).and_then(|db| db.verify(options)), wal) {
        (Ok(mut report), Some(what)) => {
            report.defects.add(Place::Database, what);
            Ok(report)
        }
        // What is left without the write-ahead log may not even be a database.
        (Err(error), Some(what)) => Err(StoreError::Damaged { what: format!("{what}; without it: {error}") }),
        (result, None) => result,
    }
}

impl Db {
    /// Verifies the log and what stands beside it, as of one instant: other processes may go on. Memory grows with subjects, not with
    /// records. See [`verify`] for all of a state directory.
    ///
    /// # Errors
    /// SQLite's when it can not read for a reason other than damage.
    pub fn verify(&self, options: &VerifyOptions<'_>) -> Result<VerifyReport, StoreError> {
        // The file first: a checkpoint that is made meanwhile covers no less than the snapshot.
        let file = self.file_checkpoint().map_err(|error| error.to_string());
        let _snapshot = self.connection.unchecked_transaction()?;
        let mut defects = Defects::default();
        let full = options.level == Level::Full;
        if full {
            rows::structure(self, &mut defects)?;
        }
        let tree = found(stored_tree(&self.connection), &mut defects)?
            .unwrap_or_else(|| StoredTree { frontier: Frontier::new(), pruned: 0 });
        let recorded = found(self.verifier_keys(), &mut defects)?.unwrap_or_default();
        let past = past::check(self, &tree, &mut defects)?;
        let promises = Promises::gather(self, file, options, &recorded, &tree, &mut defects)?;
        let streamed = stream::run(self, &tree, past, promises, options, &mut defects)?;
        let Audited { records, runs, gap, frontier, heads, defects: found_in_log } = streamed.audited;
        defects.append(found_in_log);
        if !gap && frontier != tree.frontier {
            let what = format!("{} records are there, and another tree is noted over {}", frontier.size(), tree.frontier.size());
            defects.add(Place::Log, what);
        }
        let mut differences = Vec::new();
        if full {
            rows::beside(self, &mut defects)?;
            if let Some(folded) = streamed.folded
                && let Some((found, _)) = found(self.compare(folded), &mut defects)?
            {
                for difference in &found {
                    defects.add(Place::State { pair: difference.pair.clone() }, "it is not what the log says");
                }
                differences = found;
            }
        } else {
            rows::heads(self, &heads, &mut defects)?;
        }
        Ok(VerifyReport {
            origin: self.origin.clone(),
            level: options.level,
            size: frontier.size(),
            root: frontier.root(),
            pruned: tree.pruned,
            records,
            runs,
            subjects: u64::try_from(heads.len()).unwrap_or(u64::MAX),
            checkpoints: streamed.checkpoints,
            latest: streamed.latest,
            continued: streamed.continued,
            trusted: !options.keys.is_empty(),
            keys: if options.keys.is_empty() { recorded } else { options.keys.clone() },
            differences,
            defects,
        })
    }
}

/// Takes damage for a defect, and other errors for what they are.
fn found<T>(result: Result<T, StoreError>, defects: &mut Defects) -> Result<Option<T>, StoreError> {
    use rusqlite::{Error, ErrorCode};
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Damaged { what }) => {
            defects.add(Place::Database, format!("damaged: {what}"));
            Ok(None)
        }
        Err(StoreError::Sqlite { source })
            if matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)
            ) || matches!(
                source,
                Error::FromSqlConversionFailure(..)
                    | Error::InvalidColumnType(..)
                    | Error::IntegralValueOutOfRange(..)
                    | Error::Utf8Error(..)
                    | Error::QueryReturnedNoRows
            ) =>
        {
            defects.add(Place::Database, source.to_string());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
