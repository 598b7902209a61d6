//! What the manifests want, kept by source so that `get` and `status` answer without manifests.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Db, StoreError};

/// One wanted thing: `Pair` (named `check.target`), `Target` or `Check`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DesiredRow {
    /// `Pair`, `Target` or `Check`.
    pub kind: &'static str,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// JSON of `status::Wanted`, `WantedTarget` or `WantedCheck`.
    pub value: String,
}

/// Kinds of rows.
const KINDS: [&str; 3] = ["Pair", "Target", "Check"];

impl Db {
    /// Replaces what `source` wants and returns the rows that it no longer wants and no other source does. With `keep` the old
    /// rows stay (a snapshot with errors proves nothing about what is absent). `digest` names the content: when it is the same as
    /// last time nothing is read or written.
    ///
    /// # Errors
    /// SQLite's.
    pub fn replace_desired(
        &mut self,
        source: &str,
        digest: &str,
        rows: &[DesiredRow],
        keep: bool,
    ) -> Result<Vec<DesiredRow>, StoreError> {
        let key = format!("desired/{source}");
        let old: Option<String> =
            self.connection.query_row("SELECT value FROM meta WHERE key = ?1", [&key], |row| row.get(0)).optional()?;
        if old.as_deref() == Some(digest) {
            return Ok(Vec::new());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut gone = Vec::new();
        {
            let mut write = transaction.prepare_cached(
                "INSERT INTO desired (source, kind, namespace, name, value) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (source, kind, namespace, name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
            )?;
            for row in rows {
                write.execute(params![source, row.kind, row.namespace, row.name, row.value])?;
            }
            if !keep {
                let wanted: HashSet<(&str, &str, &str)> =
                    rows.iter().map(|row| (row.kind, row.namespace.as_str(), row.name.as_str())).collect();
                let mut list =
                    transaction.prepare_cached("SELECT kind, namespace, name, value FROM desired WHERE source = ?1")?;
                let stored = list
                    .query_map([source], |row| {
                        Ok((
                            row.get::<_, String>(0)?,
                            row.get::<_, String>(1)?,
                            row.get::<_, String>(2)?,
                            row.get::<_, String>(3)?,
                        ))
                    })?
                    .collect::<Result<Vec<_>, _>>()?;
                let mut drop = transaction
                    .prepare_cached("DELETE FROM desired WHERE source = ?1 AND kind = ?2 AND namespace = ?3 AND name = ?4")?;
                let mut others = transaction
                    .prepare_cached("SELECT 1 FROM desired WHERE kind = ?1 AND namespace = ?2 AND name = ?3 LIMIT 1")?;
                for (kind, namespace, name, value) in stored {
                    let Some(kind) = KINDS.into_iter().find(|known| *known == kind) else { continue };
                    if wanted.contains(&(kind, namespace.as_str(), name.as_str())) {
                        continue;
                    }
                    drop.execute(params![source, kind, namespace, name])?;
                    if !others.exists(params![kind, namespace, name])? {
                        gone.push(DesiredRow { kind, namespace, name, value });
                    }
                }
            }
            transaction.execute(
                "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                [&key, digest],
            )?;
        }
        transaction.commit()?;
        Ok(gone)
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
