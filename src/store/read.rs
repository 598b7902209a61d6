//! Reading the fold and the log.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Db, StoreError};
use crate::api::{Digest, PairId};
use crate::evidence::{Header, Subject, unpack};
use crate::status::PairState;

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

impl Db {
    /// The state of every pair that has records.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names a state that can not be read.
    pub fn states(&self) -> Result<HashMap<PairId, PairState>, StoreError> {
        let mut statement = self.connection.prepare("SELECT pair, state FROM pairs")?;
        let mut rows = statement.query([])?;
        let mut states = HashMap::new();
        while let Some(row) = rows.next()? {
            let pair = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let state = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            let state = parse_state(pair, state)?;
            states.insert(state.pair.clone(), state);
        }
        Ok(states)
    }

    /// The state of one pair.
    ///
    /// # Errors
    /// As [`Db::states`].
    pub fn state(&self, pair: &PairId) -> Result<Option<PairState>, StoreError> {
        let name = pair.to_string();
        let text: Option<String> = self
            .connection
            .prepare_cached("SELECT state FROM pairs WHERE pair = ?1")?
            .query_row([&name], |row| row.get(0))
            .optional()?;
        text.map(|text| parse_state(&name, &text)).transpose()
    }

    /// One record of a sequence.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn record(&self, subject: &Subject, seq: u64) -> Result<Option<LoggedRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT idx, subject, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts FROM log
             WHERE subject = ?1 AND seq = ?2",
        )?;
        let mut rows = statement.query(params![subject.to_string(), i64::try_from(seq).unwrap_or(i64::MAX)])?;
        rows.next()?.map(|row| self.logged(row)).transpose()
    }

    /// Reads a row of the columns idx, subject, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts.
    fn logged(&self, row: &rusqlite::Row<'_>) -> Result<LoggedRecord, StoreError> {
        let index: i64 = row.get(0)?;
        let damaged = || StoreError::Damaged { what: format!("record {index} of the log") };
        let digest = |column| Digest::from_bytes(row.get_ref(column)?.as_blob().map_err(|_| damaged())?).ok_or_else(damaged);
        let header = Header {
            origin: self.origin.clone(),
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

    /// A shared part by its digest; `None` when it is not there.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`] when its bytes are not those of the digest.
    pub fn artifact(&self, digest: &Digest) -> Result<Option<Arc<[u8]>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT bytes FROM artifacts WHERE digest = ?1")?;
        let blob: Option<Vec<u8>> = statement.query_row([digest.as_bytes()], |row| row.get(0)).optional()?;
        blob.map(|blob| {
            let damaged = || StoreError::Damaged { what: format!("artifact {digest}") };
            let (_, bytes) = unpack(&blob).map_err(|_| damaged())?.pop().ok_or_else(damaged)?;
            if Digest::of(&bytes) == *digest { Ok(bytes.into()) } else { Err(damaged()) }
        })
        .transpose()
    }

    /// Number of records in the log.
    ///
    /// # Errors
    /// SQLite's.
    pub fn log_size(&self) -> Result<u64, StoreError> {
        let size: i64 = self.connection.query_row("SELECT count(*) FROM log", [], |row| row.get(0))?;
        Ok(u64::try_from(size).unwrap_or_default())
    }
}

pub(super) fn parse_state(pair: &str, text: &str) -> Result<PairState, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged { what: format!("state of {pair}: {error}") })
}
