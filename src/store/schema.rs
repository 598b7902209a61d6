//! The schema of the state file and its migrations.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Migrations in order; entry n brings `user_version` n to n + 1. Entries are never edited once released.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- The log. idx is the index of the leaf, from 0, gap-free; (subject, seq) is gap-free per subject.
    CREATE TABLE log (
        idx         INTEGER PRIMARY KEY,
        subject     TEXT NOT NULL,
        seq         INTEGER NOT NULL CHECK (seq > 0),
        kind        TEXT NOT NULL,
        prev        BLOB NOT NULL CHECK (length(prev) = 32),
        leaf        BLOB NOT NULL CHECK (length(leaf) = 32),
        body_digest BLOB NOT NULL CHECK (length(body_digest) = 32),
        sealed_ms   INTEGER NOT NULL,
        body        BLOB NOT NULL,
        parts       BLOB,
        UNIQUE (subject, seq)
    ) STRICT;
    CREATE TRIGGER log_keeps_records BEFORE DELETE ON log
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    CREATE TRIGGER log_keeps_meaning BEFORE UPDATE ON log
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

    -- Parts that many records share, by content.
    CREATE TABLE artifacts (digest BLOB PRIMARY KEY CHECK (length(digest) = 32), bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;

    -- The fold over the log. With row ids: a state is longer than a quarter of a page, and would spill from the tree of its key.
    CREATE TABLE pairs (pair TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;

    -- What the manifests want, by source (the set of paths they were read from): lets `get` answer without manifests.
    CREATE TABLE desired (
        source TEXT NOT NULL, kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (source, kind, namespace, name)
    ) STRICT, WITHOUT ROWID;

    -- Who works on a pair. The fence only grows, so a holder that lost its claim can not commit.
    CREATE TABLE claims (pair TEXT PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL, expires_ms INTEGER NOT NULL)
        STRICT, WITHOUT ROWID;

    -- Objects ever seen: generation counts spec digests; immutable fields are compared.
    CREATE TABLE objects (
        kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
        uid TEXT NOT NULL, generation INTEGER NOT NULL, spec_digest BLOB NOT NULL, immutable TEXT NOT NULL,
        PRIMARY KEY (kind, namespace, name)
    ) STRICT, WITHOUT ROWID;

    -- Notifications that are not delivered yet.
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY, sink TEXT NOT NULL, identity TEXT NOT NULL, body BLOB NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, next_ms INTEGER NOT NULL, UNIQUE (sink, identity)
    ) STRICT;
"];

/// The newest schema this version knows.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The schema version of an open database.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings the database to the newest schema. The transaction is the lock: a second process waits and finds the work done.
pub(super) fn migrate(connection: &mut Connection, origin: &str) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    let done = usize::try_from(found).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration)?;
    }
    transaction.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('origin', ?1)", [origin])?;
    transaction.pragma_update(None, "user_version", newest())?;
    transaction.commit()?;
    Ok(())
}
