//! Reading the fold.

use std::collections::HashMap;
use std::sync::mpsc::{TrySendError, sync_channel};
use std::thread;

use rusqlite::{OptionalExtension, Rows};
use serde::de::DeserializeOwned;

use super::{Db, StoreError};
use crate::api::PairId;
use crate::status::PairState;

impl Db {
    /// The state of every pair that has records. One core reads the database, another one reads states, and the first one helps it
    /// when it has more to do: with thousands of pairs this is much of a pass in which nothing is due.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names a state that can not be read.
    pub fn states(&self) -> Result<HashMap<PairId, PairState>, StoreError> {
        self.gather(&|state: PairState| Some((state.pair.clone(), state)))
    }

    /// What `read` makes of the state of every pair that has records, read as an `S`, in no order.
    ///
    /// # Errors
    /// As [`Db::states`].
    pub fn gather<S, T, C>(&self, read: &(dyn Fn(S) -> Option<T> + Sync)) -> Result<C, StoreError>
    where
        S: DeserializeOwned,
        C: Default + Extend<T> + IntoIterator<Item = T> + Send,
    {
        let mut statement = self.connection.prepare_cached("SELECT pair, state FROM pairs")?;
        let mut rows = statement.query([])?;
        let mut made = C::default();
        let mut batch = next_batch(&mut rows)?;
        if batch.len() < BATCH {
            take(batch, read, &mut made)?;
            return Ok(made);
        }
        let others = thread::scope(|scope| {
            let (sender, queue) = sync_channel(WAITING);
            let helper = thread::Builder::new().name("tecrax-states".to_owned()).spawn_scoped(scope, move || {
                let mut made = C::default();
                queue.into_iter().try_for_each(|batch| take(batch, read, &mut made)).map(|()| made)
            });
            while !batch.is_empty() {
                // A helper that is busy, gone with an error or never came leaves the batch to us.
                if let Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) = sender.try_send(batch) {
                    take(batch, read, &mut made)?;
                }
                batch = next_batch(&mut rows)?;
            }
            drop(sender);
            match helper {
                Ok(helper) => helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                Err(_) => Ok(C::default()),
            }
        })?;
        made.extend(others);
        Ok(made)
    }

    /// Whether any pair claims an Escalation.
    ///
    /// # Errors
    /// SQLite's.
    pub fn is_anything_raised(&self) -> Result<bool, StoreError> {
        // A quote inside a text is escaped there, so only the member itself reads like this.
        let mut statement =
            self.connection.prepare_cached(r#"SELECT EXISTS (SELECT 1 FROM pairs WHERE instr(state, '"stage":"raised"'))"#)?;
        Ok(statement.query_row([], |row| row.get(0))?)
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

/// States that are handed over at once.
const BATCH: usize = 128;
/// Batches that may wait for the helper.
const WAITING: usize = 4;

/// Names and texts of states.
type Batch = Vec<(String, String)>;

fn next_batch(rows: &mut Rows<'_>) -> Result<Batch, StoreError> {
    let mut batch = Vec::with_capacity(BATCH);
    while batch.len() < BATCH
        && let Some(row) = rows.next()?
    {
        batch.push((row.get(0)?, row.get(1)?));
    }
    Ok(batch)
}

fn take<S: DeserializeOwned, T>(
    batch: Batch,
    read: &(dyn Fn(S) -> Option<T> + Sync),
    made: &mut impl Extend<T>,
) -> Result<(), StoreError> {
    for (pair, text) in batch {
        made.extend(read(parse(&pair, &text)?));
    }
    Ok(())
}

pub(super) fn parse_state(pair: &str, text: &str) -> Result<PairState, StoreError> {
    parse(pair, text)
}

fn parse<S: DeserializeOwned>(pair: &str, text: &str) -> Result<S, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged { what: format!("state of {pair}: {error}") })
}
