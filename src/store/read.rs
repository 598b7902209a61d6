//! Reading the fold and the log.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Db, StoreError};
use crate::api::{Digest, PairId};
use crate::status::PairState;

/// One record as it stands in the log.
#[derive(Debug, Clone)]
pub struct LoggedRecord {
    /// Place in the log, from 1.
    pub index: u64,
    /// Sequence number in the pair.
    pub seq: u64,
    /// Versioned kind.
    pub kind: String,
    /// Digest of the record.
    pub digest: Digest,
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// Canonical JSON of the body; `None` when retention dropped it.
    pub body: Option<Vec<u8>>,
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

    /// One record of a pair.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn record(&self, pair: &PairId, seq: u64) -> Result<Option<LoggedRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT idx, seq, kind, digest, sealed_ms, body FROM log WHERE origin = ?1 AND pair = ?2 AND seq = ?3",
        )?;
        let row = statement
            .query_row(params![self.origin, pair.to_string(), i64::try_from(seq).unwrap_or(i64::MAX)], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, Vec<u8>>(3)?,
                    row.get::<_, i64>(4)?,
                    row.get::<_, Option<Vec<u8>>>(5)?,
                ))
            })
            .optional()?;
        let Some((index, seq, kind, digest, sealed, body)) = row else { return Ok(None) };
        let damaged = || StoreError::Damaged { what: format!("record {seq} of {pair}") };
        Ok(Some(LoggedRecord {
            index: u64::try_from(index).map_err(|_| damaged())?,
            seq: u64::try_from(seq).map_err(|_| damaged())?,
            kind,
            digest: Digest::from_bytes(&digest).ok_or_else(damaged)?,
            sealed_at: Timestamp::from_millisecond(sealed).map_err(|_| damaged())?,
            body,
        }))
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
