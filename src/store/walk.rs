//! Stand-in with the signatures of branch `log` until it is merged.

use std::ops::ControlFlow;

use jiff::Timestamp;

use super::{Db, LoggedRecord, StoreError, read::COLUMNS};
use crate::evidence::log::{RecordParts, resolve};
use crate::evidence::{RecordKind, Subject};

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
    /// As on `log`.
    pub fn record_at(&self, index: u64) -> Result<Option<LoggedRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM log WHERE idx = ?1"))?;
        let mut rows = statement.query([i64::try_from(index).unwrap_or(i64::MAX)])?;
        rows.next()?.map(|row| self.logged(row)).transpose()
    }

    /// As on `log`.
    pub fn records(
        &self,
        filter: &RecordFilter,
        mut take: impl FnMut(LoggedRecord) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let order = if filter.newest_first { "DESC" } else { "ASC" };
        let mut statement = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM log ORDER BY idx {order}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let record = self.logged(row)?;
            if filter.subject.as_ref().is_some_and(|subject| *subject != record.header.subject) {
                continue;
            }
            if filter.kind.is_some_and(|kind| kind.as_str() != record.header.kind) {
                continue;
            }
            if take(record).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// As on `log`.
    pub fn parts<'r>(&self, record: &'r LoggedRecord) -> Result<RecordParts<'r>, StoreError> {
        let row =
            crate::evidence::log::Row { index: record.index, header: &record.header, leaf: record.leaf, body: &record.body };
        let (parts, defects) = resolve(&row, record.parts.as_deref(), &mut |digest| self.artifact(digest).ok().flatten());
        match defects.into_iter().next() {
            Some(defect) => Err(StoreError::Damaged { what: defect.to_string() }),
            None => Ok(parts),
        }
    }
}
