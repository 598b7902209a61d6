//! Runs that somebody asks for. Not evidence: what ran stands in the log, and a request that nobody has answered yet is asked again
//! by whoever misses it.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{Db, StoreError};
use crate::api::{Digest, LabelName, Namespace, PairId};

/// That a Check's annotation asks for a run of its pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Namespace of the Check.
    pub namespace: Namespace,
    /// The Check.
    pub check: LabelName,
    /// Digest of the annotation's value.
    pub value: Digest,
    /// The pairs that run.
    pub pairs: Vec<PairId>,
}

impl Db {
    /// Asks for one run of each pair, whoever looks after it. A run that is in progress does not count as the answer. Pairs that
    /// nobody wants are forgotten with the next change of what is wanted.
    ///
    /// # Errors
    /// SQLite's.
    pub fn ask_for_runs(&mut self, pairs: &[PairId], now: Timestamp) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        ask(&transaction, pairs, now)?;
        transaction.commit()?;
        Ok(())
    }

    /// Asks for what `wishes` ask for that was not asked before: a value counts once, whoever reads it, and whatever became of the
    /// annotation in between. Returns how many there were.
    ///
    /// # Errors
    /// SQLite's.
    pub fn grant_wishes(&mut self, wishes: &[Wish], now: Timestamp) -> Result<usize, StoreError> {
        if self.new_wishes(wishes)?.is_empty() {
            return Ok(0);
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let fresh = new_wishes(&transaction, wishes)?;
        for wish in &fresh {
            ask(&transaction, &wish.pairs, now)?;
            transaction
                .prepare_cached(
                    "INSERT INTO wishes (namespace, name, value) VALUES (?1, ?2, ?3)
                     ON CONFLICT (namespace, name) DO UPDATE SET value = excluded.value",
                )?
                .execute(params![wish.namespace.as_str(), wish.check.as_str(), wish.value.as_bytes()])?;
        }
        let granted = fresh.len();
        transaction.commit()?;
        Ok(granted)
    }

    /// Those of `wishes` that were not granted yet.
    ///
    /// # Errors
    /// SQLite's.
    pub fn new_wishes<'w>(&self, wishes: &'w [Wish]) -> Result<Vec<&'w Wish>, StoreError> {
        if is_older(&self.connection)? { Ok(wishes.iter().collect()) } else { new_wishes(&self.connection, wishes) }
    }

    /// Pairs for which somebody asks for a run, and since when.
    ///
    /// # Errors
    /// SQLite's.
    pub fn requests(&self) -> Result<HashMap<PairId, Timestamp>, StoreError> {
        if is_older(&self.connection)? {
            return Ok(HashMap::new());
        }
        let mut statement = self.connection.prepare_cached("SELECT pair, asked_ms FROM requests")?;
        let mut rows = statement.query([])?;
        let mut found = HashMap::new();
        while let Some(row) = rows.next()? {
            let (pair, asked): (String, i64) = (row.get(0)?, row.get(1)?);
            // Whatever else somebody wrote there is no pair that could run.
            if let Some(pair) = PairId::parse(&pair) {
                found.insert(pair, Timestamp::from_millisecond(asked).unwrap_or_default());
            }
        }
        Ok(found)
    }

    /// Forgets the requests for `pairs`: they can not run.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_requests(&mut self, pairs: &[PairId]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut forget = transaction.prepare_cached("DELETE FROM requests WHERE pair = ?1")?;
            for pair in pairs {
                forget.execute([pair.to_string()])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

/// The request for a pair, by which its answer names it.
pub(super) fn of(connection: &Connection, pair: &str) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT asked_ms FROM requests WHERE pair = ?1")?;
    Ok(statement.query_row([pair], |row| row.get(0)).optional()?)
}

/// A run has answered the request; one that came after it stays.
pub(super) fn answer(connection: &Connection, pair: &str, request: i64) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM requests WHERE pair = ?1 AND asked_ms = ?2")?.execute(params![pair, request])?;
    Ok(())
}

/// Forgets what is asked for pairs and Checks that nobody wants any more.
pub(super) fn forget_unwanted(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute(
        "DELETE FROM requests WHERE pair NOT IN (SELECT namespace || '/' || name FROM desired WHERE kind = 'Pair')",
        [],
    )?;
    transaction.execute(
        "DELETE FROM wishes WHERE (namespace, name) NOT IN (SELECT namespace, name FROM desired WHERE kind = 'Check')",
        [],
    )?;
    Ok(())
}

/// Whether an older tecrax wrote the file, and this one only reads it.
fn is_older(connection: &Connection) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'requests')")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

fn ask(transaction: &Transaction<'_>, pairs: &[PairId], now: Timestamp) -> Result<(), StoreError> {
    // Never the same number twice, so that the answer to one request does not pass for that to the next.
    let mut write = transaction.prepare_cached(
        "INSERT INTO requests (pair, asked_ms) VALUES (?1, ?2)
         ON CONFLICT (pair) DO UPDATE SET asked_ms = max(asked_ms + 1, excluded.asked_ms)",
    )?;
    for pair in pairs {
        write.execute(params![pair.to_string(), now.as_millisecond()])?;
    }
    Ok(())
}

fn new_wishes<'w>(connection: &Connection, wishes: &'w [Wish]) -> Result<Vec<&'w Wish>, StoreError> {
    let mut known = connection.prepare_cached("SELECT value FROM wishes WHERE namespace = ?1 AND name = ?2")?;
    let mut fresh = Vec::new();
    for wish in wishes {
        let before: Option<Vec<u8>> =
            known.query_row([wish.namespace.as_str(), wish.check.as_str()], |row| row.get(0)).optional()?;
        if before.as_deref() != Some(&wish.value.as_bytes()[..]) {
            fresh.push(wish);
        }
    }
    Ok(fresh)
}
