//! Reading the log.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};

use super::tree::signed;
use super::{Db, StoreError};
use crate::api::Digest;
use crate::evidence::log::{RecordParts, Together, gather, resolve};
use crate::evidence::{Header, RecordKind, Subject, unpack};

/// The columns that [`logged`] reads; `log` is joined with `subjects`.
const COLUMNS: &str = "idx, name, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts";

/// One record as it stands in the log.
#[derive(Debug, Clone)]
pub struct LoggedRecord {
    /// Index of the leaf, from 0.
    pub index: u64,
    /// The header.
    pub header: Header,
    /// The leaf hash as stored.
    pub leaf: Digest,
    /// Canonical JSON of the body.
    pub body: Vec<u8>,
    /// The record's own parts as stored; see `evidence::unpack`.
    pub parts: Option<Vec<u8>>,
}

/// Which records are asked for; all of them by default.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// Only this subject's.
    pub subject: Option<Subject>,
    /// Only this kind.
    pub kind: Option<RecordKind>,
    /// Only those sealed at this instant or later.
    pub from: Option<Timestamp>,
    /// Only those sealed before this instant.
    pub to: Option<Timestamp>,
    /// Only those with this index or a larger one.
    pub first_index: Option<u64>,
    /// Latest first.
    pub newest_first: bool,
}

impl Db {
    /// One record of a sequence; `None` when there is none, or retention has dropped it.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn record(&self, subject: &Subject, seq: u64) -> Result<Option<LoggedRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM log JOIN subjects ON id = subject
             WHERE subject = (SELECT id FROM subjects WHERE name = ?1) AND seq = ?2 AND idx >= (SELECT pruned FROM tree)"
        ))?;
        let mut rows = statement.query(params![subject.to_string(), signed(seq)])?;
        rows.next()?.map(|row| logged(&self.origin, row)).transpose()
    }

    /// The record with this index; `None` when there is none, or retention has dropped it.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn record_at(&self, index: u64) -> Result<Option<LoggedRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM log JOIN subjects ON id = subject WHERE idx = ?1 AND idx >= (SELECT pruned FROM tree)"
        ))?;
        let mut rows = statement.query([signed(index)])?;
        rows.next()?.map(|row| logged(&self.origin, row)).transpose()
    }

    /// The record with this leaf hash: the name under which `describe` shows it.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn record_named(&self, leaf: &Digest) -> Result<Option<LoggedRecord>, StoreError> {
        // Without an index: it would cost every commit, and this is for a person who waits.
        let mut statement =
            self.connection.prepare_cached("SELECT idx FROM log WHERE leaf = ?1 AND idx >= (SELECT pruned FROM tree)")?;
        let index: Option<i64> = statement.query_row([leaf.as_bytes()], |row| row.get(0)).optional()?;
        index.and_then(|index| u64::try_from(index).ok()).map_or(Ok(None), |index| self.record_at(index))
    }

    /// Hands the records that `filter` asks for to `take`, in the order of the log, until it breaks. One record is in memory at a
    /// time.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn records(
        &self,
        filter: &RecordFilter,
        mut take: impl FnMut(LoggedRecord) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut sql = format!("SELECT {COLUMNS} FROM log JOIN subjects ON id = subject WHERE idx >= ?");
        let first = filter.first_index.unwrap_or(0).max(self.tree_head()?.pruned);
        let mut values = vec![Sql::Integer(signed(first))];
        let mut narrow = |clause: &str, value: Sql| {
            sql.push_str(clause);
            values.push(value);
        };
        if let Some(subject) = &filter.subject {
            narrow(" AND subject = (SELECT id FROM subjects WHERE name = ?)", Sql::Text(subject.to_string()));
        }
        if let Some(kind) = filter.kind {
            narrow(" AND kind = ?", Sql::Text(kind.as_str().to_owned()));
        }
        if let Some(from) = filter.from {
            narrow(" AND sealed_ms >= ?", Sql::Integer(from.as_millisecond()));
        }
        if let Some(to) = filter.to {
            narrow(" AND sealed_ms < ?", Sql::Integer(to.as_millisecond()));
        }
        // Within a sequence both orders are the same, and the index on it gives the one of seq.
        sql.push_str(if filter.subject.is_some() { " ORDER BY seq" } else { " ORDER BY idx" });
        sql.push_str(if filter.newest_first { " DESC" } else { "" });
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            if take(logged(&self.origin, row)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Every part of a record, shared ones included, each checked against the body.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names the record and what is wrong with it.
    pub fn parts<'r>(&self, record: &'r LoggedRecord) -> Result<RecordParts<'r>, StoreError> {
        let mut failed = None;
        let shared = &mut |digest: &Digest| self.stored(digest, &mut failed);
        let (parts, defects) = resolve(&record.row(), record.parts.as_deref(), shared);
        match (failed, defects.into_iter().next()) {
            (Some(error), _) => Err(error),
            (None, Some(defect)) => Err(StoreError::Damaged { what: defect.to_string() }),
            (None, None) => Ok(parts),
        }
    }

    /// Shared parts of one record by their digests, in that order; `None` for each that is not there. The execution contract, under whose
    /// digest the others stand, must be among them.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`] when bytes are not those of their digest.
    pub fn shared<const N: usize>(&self, wanted: [Digest; N]) -> Result<[Option<Arc<[u8]>>; N], StoreError> {
        let mut failed = None;
        let mut found = gather(&wanted, &mut |digest| self.stored(digest, &mut failed)).into_iter();
        failed.map_or_else(|| Ok(wanted.map(|_| found.next().flatten())), Err)
    }

    /// As [`Db::together`]; what fails is put aside.
    fn stored(&self, digest: &Digest, failed: &mut Option<StoreError>) -> Option<Together> {
        match self.together(digest) {
            Ok(together) => together,
            Err(error) => {
                *failed = Some(error);
                None
            }
        }
    }

    /// What is stored by content under this digest; `None` when nothing is.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`] when the bytes of the last part are not those of the digest.
    pub fn together(&self, digest: &Digest) -> Result<Option<Together>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT bytes FROM artifacts WHERE digest = ?1")?;
        let blob: Option<Vec<u8>> = statement.query_row([digest.as_bytes()], |row| row.get(0)).optional()?;
        let damaged = || StoreError::Damaged { what: format!("artifact {digest}") };
        blob.map(|blob| apart(&blob, digest).ok_or_else(damaged)).transpose()
    }
}

/// The parts in the blob that is stored under `digest`; `None` unless the last one has that digest and names all others: what they are
/// then follows from it.
pub(super) fn apart(blob: &[u8], digest: &Digest) -> Option<Together> {
    let parts = unpack(blob).ok()?;
    let (_, last) = parts.last()?;
    let last = String::from_utf8_lossy(last);
    let digests: Vec<Digest> = parts.iter().map(|(_, bytes)| Digest::of(bytes)).collect();
    let (own, others) = digests.split_last()?;
    let bound = own == digest && others.iter().all(|other| last.contains(&other.to_string()));
    bound.then(|| digests.iter().zip(parts.iter()).map(|(digest, (_, bytes))| (*digest, bytes.as_slice().into())).collect())
}

impl LoggedRecord {
    /// The record as an auditor reads it.
    pub fn row(&self) -> crate::evidence::log::Row<'_> {
        crate::evidence::log::Row { index: self.index, header: &self.header, leaf: self.leaf, body: &self.body }
    }
}

/// Reads a row of [`COLUMNS`].
pub(super) fn logged(origin: &str, row: &Row<'_>) -> Result<LoggedRecord, StoreError> {
    let index: i64 = row.get(0)?;
    let damaged = || StoreError::Damaged { what: format!("record {index} of the log") };
    let digest = |column| Digest::from_bytes(row.get_ref(column)?.as_blob().map_err(|_| damaged())?).ok_or_else(damaged);
    let header = Header {
        origin: origin.to_owned(),
        subject: Subject::parse(row.get_ref(1)?.as_str().map_err(|_| damaged())?).ok_or_else(damaged)?,
        seq: u64::try_from(row.get::<_, i64>(2)?).map_err(|_| damaged())?,
        kind: row.get(3)?,
        prev: digest(4)?,
        sealed_at: Timestamp::from_millisecond(row.get(7)?).map_err(|_| damaged())?,
        body: digest(6)?,
    };
    Ok(LoggedRecord {
        index: u64::try_from(index).map_err(|_| damaged())?,
        header,
        leaf: digest(5)?,
        body: row.get(8)?,
        parts: row.get(9)?,
    })
}
