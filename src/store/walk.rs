//! Walking through the log.

use rusqlite::{OptionalExtension, params};

use super::{Db, LoggedRecord, StoreError, read::COLUMNS};
use crate::api::Digest;
use crate::evidence::Subject;

impl Db {
    /// From here on every read sees the log as it stands now, whatever other processes write, until the database is closed. For
    /// commands that read more than once.
    ///
    /// # Errors
    /// SQLite's.
    pub fn freeze(&self) -> Result<(), StoreError> {
        // The transaction begins with the first read.
        self.connection.execute_batch("BEGIN; SELECT count(*) FROM meta;")?;
        Ok(())
    }

    /// The record at `index`.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn record_at(&self, index: u64) -> Result<Option<LoggedRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM log WHERE idx = ?1"))?;
        let mut rows = statement.query([i64::try_from(index).unwrap_or(i64::MAX)])?;
        rows.next()?.map(|row| self.logged(row)).transpose()
    }

    /// Sequence number of the newest record of `subject`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn newest_of(&self, subject: &Subject) -> Result<Option<u64>, StoreError> {
        let seq: Option<i64> =
            self.connection.query_row("SELECT max(seq) FROM log WHERE subject = ?1", [subject.to_string()], |row| row.get(0))?;
        Ok(seq.and_then(|seq| u64::try_from(seq).ok()))
    }

    /// Every record, newest first, or those of one subject, until `visit` answers false. One row is held at a time.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn newest_first(&self, subject: Option<&Subject>, visit: impl FnMut(LoggedRecord) -> bool) -> Result<(), StoreError> {
        self.walk("DESC", subject, visit)
    }

    /// As [`Db::newest_first`], oldest first.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn oldest_first(&self, subject: Option<&Subject>, visit: impl FnMut(LoggedRecord) -> bool) -> Result<(), StoreError> {
        self.walk("ASC", subject, visit)
    }

    fn walk(
        &self,
        order: &str,
        subject: Option<&Subject>,
        mut visit: impl FnMut(LoggedRecord) -> bool,
    ) -> Result<(), StoreError> {
        let sql = match subject {
            Some(_) => format!("SELECT {COLUMNS} FROM log WHERE subject = ?1 ORDER BY seq {order}"),
            None => format!("SELECT {COLUMNS} FROM log ORDER BY idx {order}"),
        };
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = match subject {
            Some(subject) => statement.query([subject.to_string()])?,
            None => statement.query([])?,
        };
        while let Some(row) = rows.next()? {
            if !visit(self.logged(row)?) {
                break;
            }
        }
        Ok(())
    }

    /// The blob of a shared part, by the digest of the part; see `evidence::unpack`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn artifact(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT bytes FROM artifacts WHERE digest = ?1")?;
        Ok(statement.query_row(params![digest.as_bytes()], |row| row.get(0)).optional()?)
    }
}
