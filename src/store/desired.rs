//! What the manifests want, kept by source so that `get` and `status` answer without manifests.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::read::parse_state;
use super::{Db, StoreError, request, sums};
use crate::api::PairId;

/// One wanted thing: `Pair` and `Idle` (named `check.target`), `Target`, `Check`, `Policy`, `Sink`, or the text of one (`Document`, named
/// `Kind/name`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DesiredRow {
    /// `Pair`, `Idle`, `Target`, `Check`, `Policy`, `Sink` or `Document`.
    pub kind: &'static str,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// JSON of `status::Wanted`, `WantedIdle`, `WantedTarget`, `WantedCheck`, `WantedPolicy`, `WantedSink` or `source::Kept`.
    pub value: String,
}

impl Db {
    /// Replaces what `source` wants. `digest` names the content: when it is the same as last time nothing is read or written.
    ///
    /// # Errors
    /// SQLite's.
    pub fn replace_desired(&mut self, source: &str, digest: &str, rows: &[DesiredRow]) -> Result<(), StoreError> {
        let key = key(source);
        let old = self.desired_digest(source)?;
        if old.as_deref() == Some(digest) {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut write = transaction.prepare_cached(
                "INSERT INTO desired (source, kind, namespace, name, value) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (source, kind, namespace, name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
            )?;
            for row in rows {
                write.execute(params![source, row.kind, row.namespace, row.name, row.value])?;
            }
            // A source that is new has no rows.
            if old.is_some() {
                drop_others(&transaction, source, rows)?;
                request::forget_unwanted(&transaction)?;
            }
            transaction.execute(
                "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                [&key, digest],
            )?;
            sums::write_desired(&transaction, source)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The digest that the last [`Db::replace_desired`] of `source` was given.
    ///
    /// # Errors
    /// SQLite's.
    pub fn desired_digest(&self, source: &str) -> Result<Option<String>, StoreError> {
        let mut find = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(find.query_row([key(source)], |row| row.get(0)).optional()?)
    }

    /// Every wanted thing of one kind that `source` wants, or wanted before its manifests had errors.
    ///
    /// # Errors
    /// SQLite's.
    pub fn desired_by(&self, source: &str, kind: &'static str) -> Result<Vec<DesiredRow>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT namespace, name, value FROM desired WHERE source = ?1 AND kind = ?2 ORDER BY namespace, name")?;
        let rows = statement
            .query_map([source, kind], |row| {
                Ok(DesiredRow { kind, namespace: row.get(0)?, name: row.get(1)?, value: row.get(2)? })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(rows)
    }

    /// Pairs with records that no source wants any more and that have no tombstone yet, sorted.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn orphans(&self) -> Result<Vec<PairId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT pair, state FROM pairs WHERE pair NOT IN (SELECT namespace || '/' || name FROM desired WHERE kind = 'Pair')
             ORDER BY pair",
        )?;
        let mut rows = statement.query([])?;
        let mut orphans = Vec::new();
        while let Some(row) = rows.next()? {
            let state = parse_state(
                row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?,
                row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
            )?;
            if !state.removed {
                orphans.push(state.pair);
            }
        }
        Ok(orphans)
    }

    /// Pairs that `source` wants and no other source does, sorted.
    ///
    /// # Errors
    /// SQLite's.
    pub fn wanted_only_by(&self, source: &str) -> Result<Vec<PairId>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT namespace || '/' || name FROM desired WHERE kind = 'Pair'
             GROUP BY namespace, name HAVING min(source) = ?1 AND max(source) = ?1 ORDER BY 1",
        )?;
        let names = statement.query_map([source], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(names.iter().filter_map(|name| PairId::parse(name)).collect())
    }

    /// What is wanted of one kind, once for every source that wants it, in no order.
    ///
    /// # Errors
    /// SQLite's.
    pub fn desired_everywhere(&self, kind: &'static str) -> Result<Vec<DesiredRow>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT namespace, name, value FROM desired WHERE kind = ?1")?;
        let rows = statement
            .query_map([kind], |row| Ok(DesiredRow { kind, namespace: row.get(0)?, name: row.get(1)?, value: row.get(2)? }))?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(rows)
    }

    /// What tells whether anything that is wanted has changed: source and sum over its rows.
    ///
    /// # Errors
    /// SQLite's.
    pub fn desired_sums(&self) -> Result<Vec<(String, String)>, StoreError> {
        sums::all_desired(&self.connection)
    }

    /// Every wanted thing of one kind, over all sources; the same name in two sources appears once.
    ///
    /// # Errors
    /// SQLite's.
    pub fn desired(&self, kind: &'static str) -> Result<Vec<DesiredRow>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT namespace, name, value FROM desired WHERE kind = ?1 GROUP BY namespace, name ORDER BY namespace, name",
        )?;
        let rows = statement
            .query_map([kind], |row| Ok(DesiredRow { kind, namespace: row.get(0)?, name: row.get(1)?, value: row.get(2)? }))?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(rows)
    }
}

fn key(source: &str) -> String {
    format!("desired/{source}")
}

/// Drops every row of `source` that is not among `rows`.
fn drop_others(transaction: &Transaction<'_>, source: &str, rows: &[DesiredRow]) -> Result<(), StoreError> {
    let wanted: HashSet<(&str, &str, &str)> =
        rows.iter().map(|row| (row.kind, row.namespace.as_str(), row.name.as_str())).collect();
    let mut list = transaction.prepare_cached("SELECT kind, namespace, name FROM desired WHERE source = ?1")?;
    let stored = list
        .query_map([source], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let mut drop =
        transaction.prepare_cached("DELETE FROM desired WHERE source = ?1 AND kind = ?2 AND namespace = ?3 AND name = ?4")?;
    for (kind, namespace, name) in &stored {
        if !wanted.contains(&(kind.as_str(), namespace.as_str(), name.as_str())) {
            drop.execute(params![source, kind, namespace, name])?;
        }
    }
    Ok(())
}
