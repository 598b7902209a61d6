//! The open state file.
#![expect(clippy::disallowed_methods, reason = "makes and opens the state directory")]

use std::collections::HashMap;
use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{StoreError, error::advice, schema};

/// Name of the database inside the state directory.
pub(super) const FILE: &str = "tecrax.db";
/// How long a process waits for another one's transaction. Transactions hold at most 256 runs, far less than a second.
pub(crate) const BUSY: Duration = Duration::from_secs(10);
/// Bytes that the write-ahead log may take, unless a budget leaves it less. A larger one is copied back and cut when the database is
/// closed: every process that opens it reads all of it first, a megabyte in about a millisecond.
///
/// A commit that finds it as large copies it back. SQLite's own 4 MB are passed by every few groups of runs: pages that the next
/// group changes again would be copied each time, and the disk be waited for three times.
pub(super) const WAL_ROOM: u64 = 16 << 20;
/// Bytes of a page of a new file; one that is there keeps its own. A row of the log takes about 3 KB: of SQLite's own 4 KB pages a quarter stays
/// empty, and a group of runs is written in twice as many calls. Far larger ones would make much of the small commits of a daemon, which
/// write whole pages.
const PAGE: i64 = 8_192;
/// How long a write-ahead log that readers have kept from being cut is waited for, when it has grown to twice its room.
const CUT_WAIT: Duration = Duration::from_secs(1);

/// The open state file. Used by one thread; see [`super::Store`] for the handle that many tasks share.
#[derive(Debug)]
pub struct Db {
    pub(super) connection: Connection,
    pub(super) directory: PathBuf,
    pub(super) origin: String,
    /// Ids of subjects that are known to be stored.
    pub(super) subjects: HashMap<String, i64>,
    /// Bytes that the write-ahead log may take.
    wal_room: u64,
}

impl Db {
    /// Opens or makes the state directory (mode 0700) and brings it to the newest schema. `origin` names the log if it is new.
    ///
    /// # Errors
    /// [`StoreError`]: the directory can not be made or written, or a newer tecrax wrote it.
    pub fn open(directory: &Path, origin: &str) -> Result<Self, StoreError> {
        let fail = |source| StoreError::Directory { path: directory.to_owned(), source };
        if !directory.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(fail)?;
        }
        let file = directory.join(FILE);
        let mut connection = Connection::open(&file).map_err(|error| explain(directory, error))?;
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).map_err(fail)?;
        connection.busy_timeout(BUSY)?;
        if check_version(&connection, directory)? == 0 {
            // Both take effect in an empty file only. Pages that retention frees can then be given back a few at a time.
            connection.pragma_update(None, "page_size", PAGE)?;
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        // Only evidence waits for the disk, see `Db::commit`. What stands in the write-ahead log before it goes to disk with it,
        // so a power cut can take bookkeeping that no evidence refers to, and nothing else.
        connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")?;
        // Copying the write-ahead log back at the end of every process would cost more than all else it does to the disk.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        bound_wal(&connection, WAL_ROOM)?;
        let mode: String =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(|error| explain(directory, error))?;
        tracing::debug!(%mode, "state file open");
        if schema::version(&connection)? < schema::newest() {
            schema::migrate(&mut connection, origin)?;
        }
        Self::finish(connection, directory)
    }

    /// A database that is gone with its handle, for simulations: nothing waits for a disk. `origin` names the log.
    ///
    /// # Errors
    /// SQLite's.
    pub fn in_memory(origin: &str) -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")?;
        schema::migrate(&mut connection, origin)?;
        Self::finish(connection, Path::new(""))
    }

    /// Opens an existing state directory for reading only.
    ///
    /// # Errors
    /// [`StoreError::Empty`] when there is no database yet, and those of [`Db::open`].
    pub fn open_read_only(directory: &Path) -> Result<Self, StoreError> {
        let file = directory.join(FILE);
        // What may not be looked into, or is no directory, is not empty: nobody may read "nothing is wrong" out of that.
        if !file.try_exists().map_err(|source| StoreError::Directory { path: directory.to_owned(), source })? {
            return Err(StoreError::Empty { path: directory.to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(|error| explain(directory, error))?;
        connection.busy_timeout(BUSY)?;
        if check_version(&connection, directory)? == 0 {
            return Err(StoreError::Empty { path: directory.to_owned() });
        }
        Self::finish(connection, directory)
    }

    /// Closes the database. What is durable already stays so whether or not this is called.
    pub fn close(self) {
        if self.wal_bytes() > self.wal_room {
            // Another process that reads or writes right now is not waited for: it closes, too.
            self.cut_wal(Duration::ZERO);
        }
    }

    /// Holds the write-ahead log within so many bytes: from now on every commit does so, and what commands that read for long have
    /// made of it meanwhile is cut.
    pub(super) fn hold_wal(&mut self, room: u64) -> Result<(), StoreError> {
        if room != self.wal_room {
            bound_wal(&self.connection, room)?;
            self.wal_room = room;
        }
        if self.wal_bytes() > room.saturating_mul(2) {
            self.cut_wal(CUT_WAIT);
            self.connection.busy_timeout(BUSY)?;
        }
        Ok(())
    }

    /// Length of the write-ahead log's file.
    fn wal_bytes(&self) -> u64 {
        let path = self.connection.path().filter(|path| !path.is_empty());
        path.and_then(|path| std::fs::metadata(format!("{path}-wal")).ok()).map_or(0, |wal| wal.len())
    }

    /// Copies the write-ahead log back and cuts it, unless somebody reads or writes for longer than that.
    fn cut_wal(&self, wait: Duration) {
        let cut = self
            .connection
            .busy_timeout(wait)
            .and_then(|()| self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)));
        tracing::debug!(?cut, "write-ahead log copied back");
    }

    fn finish(connection: Connection, directory: &Path) -> Result<Self, StoreError> {
        let origin = connection.query_row("SELECT value FROM meta WHERE key = 'origin'", [], |row| row.get(0))?;
        connection.set_prepared_statement_cache_capacity(64);
        // Or statements are compiled anew whenever what they ask for might have another plan for another value; none here has.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self { connection, directory: directory.to_owned(), origin, subjects: HashMap::new(), wal_room: WAL_ROOM })
    }

    /// Writes one page, and another one than before: whether the state directory takes anything. A page that stays as it was is not written by
    /// SQLite, and a transaction that is taken back writes none. No disk is waited for, and another process ten seconds at most.
    ///
    /// # Errors
    /// SQLite's.
    pub fn probe(&self) -> Result<(), StoreError> {
        let mut write = self.connection.prepare_cached(
            "INSERT INTO meta (key, value) VALUES ('probe', '0')
             ON CONFLICT (key) DO UPDATE SET value = CASE value WHEN '0' THEN '1' ELSE '0' END",
        )?;
        write.execute([])?;
        Ok(())
    }

    /// The name of this log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The state directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

/// Has every commit copy the write-ahead log back when it takes so many bytes, and cut what is longer when it begins anew.
fn bound_wal(connection: &Connection, room: u64) -> Result<(), rusqlite::Error> {
    // A small one has place for a group of runs that comes on top.
    let full = if room < WAL_ROOM { room / 2 } else { room };
    let page = connection.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0))?.max(1);
    let pages = (i64::try_from(full).unwrap_or(i64::MAX) / page).max(1);
    connection.pragma_update(None, "wal_autocheckpoint", pages)?;
    // This one answers with the value that it takes.
    connection.query_row(&format!("PRAGMA journal_size_limit = {room}"), [], |_| Ok(()))
}

/// The schema version, when this tecrax can work with it; 0 for an empty file.
fn check_version(connection: &Connection, directory: &Path) -> Result<i64, StoreError> {
    let found = schema::version(connection).map_err(|error| match error {
        StoreError::Sqlite { source } => explain(directory, source),
        other => other,
    })?;
    let known = schema::newest();
    if found > known {
        return Err(StoreError::Newer { path: PathBuf::from(directory), found, known });
    }
    if schema::unreleased(found) {
        return Err(StoreError::Unreleased { path: PathBuf::from(directory) });
    }
    Ok(found)
}

/// Says which directory SQLite could not use; its own message names no path.
fn explain(directory: &Path, error: rusqlite::Error) -> StoreError {
    let message = format!("{error}{}", advice(&error));
    match error.sqlite_error_code() {
        Some(
            rusqlite::ErrorCode::CannotOpen
            | rusqlite::ErrorCode::PermissionDenied
            | rusqlite::ErrorCode::ReadOnly
            | rusqlite::ErrorCode::NotADatabase
            | rusqlite::ErrorCode::DatabaseCorrupt
            | rusqlite::ErrorCode::SystemIoFailure
            | rusqlite::ErrorCode::DiskFull,
        ) => StoreError::Directory { path: directory.to_owned(), source: std::io::Error::other(message) },
        _ => StoreError::Sqlite { source: error },
    }
}
