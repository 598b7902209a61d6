//! What each Sink has been told, and who tells it now.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::{Db, StoreError};
use crate::api::EscalationId;
use crate::status::{Delivery, Ledger, Phase, SinkHealth};

/// The outcome of one request to a Sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The Sink, by its receiver.
    pub sink: String,
    /// How it stands now.
    pub health: SinkHealth,
    /// What was in the request, by identity and phase.
    pub deliveries: Vec<((String, Phase), Delivery)>,
    /// Deliveries to forget.
    pub forget: Vec<(String, Phase)>,
}

impl Db {
    /// What Sink `sink` has been told; empty for one that nobody has ever told anything.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn ledger(&self, sink: &str) -> Result<Ledger, StoreError> {
        ledger(&self.connection, sink)
    }

    /// Escalations of which some Sink was told, or may have been, that they are open, and has not accepted yet that this incident is over.
    /// Most of them are open.
    ///
    /// # Errors
    /// SQLite's.
    pub fn awaited_ends(&self) -> Result<BTreeSet<EscalationId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT told ->> '$.namespace', told ->> '$.name' FROM deliveries AS fired
             WHERE phase = 'firing' AND json_valid(told) AND NOT EXISTS (
                SELECT 1 FROM deliveries AS ended WHERE ended.sink = fired.sink AND ended.identity = fired.identity
                AND ended.phase = 'resolved' AND ended.delivered_ms IS NOT NULL)",
        )?;
        let mut rows = statement.query([])?;
        let mut ids = BTreeSet::new();
        while let Some(row) = rows.next()? {
            // What is no text names nothing.
            if let (Ok(namespace), Ok(name)) = (row.get::<_, String>(0), row.get::<_, String>(1)) {
                ids.extend(EscalationId::parse(&format!("{namespace}/{name}")));
            }
        }
        Ok(ids)
    }

    /// Lets `holder` alone tell Sink `sink` until then; `None` while another process does. Returns what it has been told.
    ///
    /// Not durable by itself: a holder that a power cut forgets tells nobody any more.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn take_sink(
        &mut self,
        sink: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Ledger>, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // A hold that ends later than any may was made before the clock was stepped back.
        let longest = until.as_millisecond().saturating_add(until.as_millisecond().saturating_sub(now.as_millisecond()));
        let taken = transaction.execute(
            "INSERT INTO sinks (sink, failures, message, holder, until_ms) VALUES (?1, 0, '', ?2, ?4)
             ON CONFLICT (sink) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms
             WHERE holder IS NULL OR holder = excluded.holder OR until_ms <= ?3 OR until_ms > ?5",
            params![sink, holder, now.as_millisecond(), until.as_millisecond(), longest],
        )?;
        let ledger = if taken == 0 { None } else { Some(ledger(&transaction, sink)?) };
        transaction.commit()?;
        Ok(ledger)
    }

    /// Writes what came of one request, and holds the Sink until then. `false` when the hold has passed to another process; what it
    /// told is written all the same, because it was told. Not of a Sink that was forgotten meanwhile: nobody would forget that again.
    ///
    /// # Errors
    /// SQLite's.
    pub fn tell_sink(&mut self, told: &Told, holder: &str, until: Timestamp) -> Result<bool, StoreError> {
        self.write_told(told, holder, until, true)
    }

    /// Writes what a request is about to tell, and holds the Sink until then. `false`, and nothing is written, when the hold has
    /// passed to another process: that one knows what was told.
    ///
    /// # Errors
    /// SQLite's.
    pub fn begin_sink(&mut self, told: &Told, holder: &str, until: Timestamp) -> Result<bool, StoreError> {
        self.write_told(told, holder, until, false)
    }

    fn write_told(&mut self, told: &Told, holder: &str, until: Timestamp, anyway: bool) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let health = &told.health;
        let held = transaction.execute(
            "UPDATE sinks SET failures = ?3, next_ms = ?4, delivered_ms = ?5, changed_ms = ?6, error = ?7, message = ?8, until_ms = ?9
             WHERE sink = ?1 AND holder = ?2",
            params![
                told.sink,
                holder,
                health.failures,
                millis(health.next),
                millis(health.delivered),
                millis(health.changed),
                health.error,
                health.message,
                until.as_millisecond()
            ],
        )?;
        let known = || transaction.prepare_cached("SELECT 1 FROM sinks WHERE sink = ?1")?.exists([&told.sink]);
        if held > 0 || (anyway && known()?) {
            let mut write = transaction.prepare_cached(
                "INSERT INTO deliveries (sink, identity, phase, attempts, tried_ms, next_ms, delivered_ms, reached, error, told)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (sink, identity, phase) DO UPDATE SET attempts = excluded.attempts, tried_ms = excluded.tried_ms,
                 next_ms = excluded.next_ms, delivered_ms = excluded.delivered_ms, reached = excluded.reached,
                 error = excluded.error, told = excluded.told",
            )?;
            for ((identity, phase), delivery) in &told.deliveries {
                write.execute(params![
                    told.sink,
                    identity,
                    phase.as_str(),
                    delivery.attempts,
                    delivery.tried.as_millisecond(),
                    millis(delivery.next),
                    millis(delivery.delivered),
                    delivery.reached,
                    delivery.error,
                    delivery.told
                ])?;
            }
            let mut forget =
                transaction.prepare_cached("DELETE FROM deliveries WHERE sink = ?1 AND identity = ?2 AND phase = ?3")?;
            for (identity, phase) in &told.forget {
                forget.execute(params![told.sink, identity, phase.as_str()])?;
            }
        }
        transaction.commit()?;
        Ok(held > 0)
    }

    /// Lets other processes tell Sink `sink`, if `holder` tells it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn leave_sink(&mut self, sink: &str, holder: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE sinks SET holder = NULL, until_ms = 0 WHERE sink = ?1 AND holder = ?2")?
            .execute([sink, holder])?;
        Ok(())
    }

    /// Forgets every Sink that is not among `wanted`, by receiver. Writes only when there is one.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_sinks(&mut self, wanted: &HashSet<String>) -> Result<(), StoreError> {
        let known: Vec<String> = {
            let mut statement = self.connection.prepare_cached("SELECT sink FROM sinks")?;
            let names = statement.query_map([], |row| row.get(0))?;
            names.collect::<Result<_, _>>()?
        };
        let gone: Vec<&String> = known.iter().filter(|sink| !wanted.contains(*sink)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for sink in gone {
            transaction.execute("DELETE FROM deliveries WHERE sink = ?1", [sink])?;
            transaction.execute("DELETE FROM sinks WHERE sink = ?1", [sink])?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn ledger(connection: &Connection, sink: &str) -> Result<Ledger, StoreError> {
    let health = connection
        .prepare_cached("SELECT failures, next_ms, delivered_ms, changed_ms, error, message FROM sinks WHERE sink = ?1")?
        .query_row([sink], |row| {
            Ok(SinkHealth {
                failures: row.get(0)?,
                next: instant(row, 1)?,
                delivered: instant(row, 2)?,
                changed: instant(row, 3)?,
                error: row.get(4)?,
                message: row.get(5)?,
            })
        })
        .optional()?
        .unwrap_or_default();
    let mut statement = connection.prepare_cached(
        "SELECT identity, phase, attempts, tried_ms, next_ms, delivered_ms, reached, error, told FROM deliveries WHERE sink = ?1",
    )?;
    let mut rows = statement.query([sink])?;
    let mut deliveries = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (identity, word): (String, String) = (row.get(0)?, row.get(1)?);
        let phase = Phase::ALL
            .into_iter()
            .find(|phase| phase.as_str() == word)
            .ok_or_else(|| StoreError::Damaged { what: format!("phase of delivery {identity}") })?;
        let delivery = Delivery {
            attempts: row.get(2)?,
            tried: instant(row, 3)?.unwrap_or_default(),
            next: instant(row, 4)?,
            delivered: instant(row, 5)?,
            reached: row.get(6)?,
            error: row.get(7)?,
            told: row.get(8)?,
        };
        deliveries.insert((identity, phase), delivery);
    }
    Ok(Ledger { health, deliveries })
}

fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millisecond)
}

fn instant(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, rusqlite::Error> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(|millis| Timestamp::from_millisecond(millis).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request may be under way while the manifests lose its Sink: rows that nobody wants and nobody finds would be read for ever.
    #[test]
    fn nothing_is_kept_of_a_sink_that_was_forgotten_while_it_was_told() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::TempDir::new()?;
        let mut db = Db::open(directory.path(), "here")?;
        let (now, until, sink, holder) = (Timestamp::UNIX_EPOCH, Timestamp::MAX, "gone", "first");
        let delivery = Delivery {
            attempts: 0,
            tried: now,
            next: None,
            delivered: Some(now),
            reached: true,
            error: None,
            told: r#"{"namespace": "default", "name": "web.0a1b2c3d"}"#.to_owned(),
        };
        let told = Told {
            sink: sink.to_owned(),
            health: SinkHealth::default(),
            deliveries: vec![(("uid/1".to_owned(), Phase::Firing), delivery)],
            forget: Vec::new(),
        };
        assert!(db.take_sink(sink, holder, now, until)?.is_some());
        db.forget_sinks(&HashSet::new())?;
        assert!(!db.tell_sink(&told, holder, until)?);
        assert_eq!((db.ledger(sink)?, db.awaited_ends()?.len()), (Ledger::default(), 0));

        // A Sink that another process tells by now is there: what was told counts.
        assert!(db.take_sink(sink, "second", now, until)?.is_some());
        assert!(!db.tell_sink(&told, holder, until)?);
        assert_eq!((db.ledger(sink)?.deliveries.len(), db.awaited_ends()?.len()), (1, 1));
        Ok(())
    }
}
