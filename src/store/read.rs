//! Reading the fold.

use std::collections::HashMap;

use rusqlite::OptionalExtension;

use super::{Db, StoreError};
use crate::api::PairId;
use crate::status::PairState;

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
}

pub(super) fn parse_state(pair: &str, text: &str) -> Result<PairState, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged { what: format!("state of {pair}: {error}") })
}
