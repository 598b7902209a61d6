//! What can be wrong with a state directory.

use std::path::PathBuf;

/// What can be wrong with a state directory. All of them are exit code 74, but for [`StoreError::Key`] with 78.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No state directory was given and none can be derived.
    #[error("no state directory: set --state-dir or TECRAX_STATE_DIR, or set HOME")]
    NoDirectory,
    /// The directory could not be made or opened.
    #[error("cannot use state directory {path}: {source}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database was written by a newer tecrax.
    #[error("state directory {path} has schema {found}, this tecrax knows {known}: use the newer tecrax, or another --state-dir")]
    Newer {
        /// The directory.
        path: PathBuf,
        /// Schema version found.
        found: i64,
        /// Newest schema version known.
        known: i64,
    },
    /// The database was written by a tecrax that was never released.
    #[error("state directory {path} has a layout that was never released: move the directory away to start anew")]
    Unreleased {
        /// The directory.
        path: PathBuf,
    },
    /// There is no database yet.
    #[error("no evidence in {path} yet: run `tecrax reconcile --once PATH` first, or name its --state-dir")]
    Empty {
        /// The directory.
        path: PathBuf,
    },
    /// A stored value can not be read.
    #[error("damaged record in the state directory: {what}; move the directory away to start anew, and keep it as evidence")]
    Damaged {
        /// Which value.
        what: String,
    },
    /// The log is not what its last checkpoint says.
    #[error(
        "the log in {path} is not what its last checkpoint says: {what}; `tecrax evidence verify` says more. To go on with this \
         log, move {path}/checkpoint away and keep it as evidence"
    )]
    Diverged {
        /// The state directory.
        path: PathBuf,
        /// How.
        what: String,
    },
    /// A key can not be used: exit code 78.
    #[error("cannot use the checkpoint key {path}: {what}")]
    Key {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        what: String,
    },
    /// A file could not be read or written.
    #[error("cannot read or write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite failed.
    #[error("state directory: {source}{}", advice(source))]
    Sqlite {
        /// SQLite's own error.
        #[from]
        source: rusqlite::Error,
    },
    /// The writer thread is gone.
    #[error("the state directory was closed")]
    Closed,
}

/// What to do about an error of SQLite's that a person can do something about; starts with `; ` when there is anything.
pub(super) fn advice(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            "; move the directory away to start anew, and keep it as evidence"
        }
        Some(ErrorCode::DiskFull) => "; make room and run again: what was reported before is recorded",
        _ => "",
    }
}
