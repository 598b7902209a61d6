//! The schema of the state file and its migrations.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Layouts before the first one that is kept. Nothing of them was ever released; they are refused, not read.
const UNRELEASED: i64 = 2;

/// Migrations in order; entry n, from 1, brings `user_version` to n + 2. Entries are never edited
/// once released.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- Whose sequences there are: `namespace/check.target`, `escalation/namespace/name`, or `log`.
    CREATE TABLE subjects (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

    -- The log. idx is the index of the leaf, from 0, gap-free; (subject, seq) is gap-free per subject.
    CREATE TABLE log (
        idx         INTEGER PRIMARY KEY,
        subject     INTEGER NOT NULL,
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

    -- The Merkle tree over the log: its right edge, and how much retention has dropped.
    CREATE TABLE tree (
        id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, peaks BLOB NOT NULL,
        pruned INTEGER NOT NULL CHECK (pruned % 256 = 0)
    ) STRICT;
    INSERT INTO tree (id, size, peaks, pruned) VALUES (1, 0, x'', 0);

    -- Roots of complete subtrees, of every eighth level only: with the leaves of one block of 256 they give any proof.
    CREATE TABLE nodes (level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (level, idx)) STRICT, WITHOUT ROWID;

    CREATE TRIGGER log_keeps_records BEFORE DELETE ON log WHEN OLD.idx >= coalesce((SELECT pruned FROM tree), 0)
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    CREATE TRIGGER log_keeps_meaning BEFORE UPDATE ON log
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    CREATE TRIGGER tree_grows BEFORE UPDATE ON tree
        WHEN NEW.size < OLD.size OR NEW.pruned < OLD.pruned OR NEW.pruned > NEW.size
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    CREATE TRIGGER tree_stays BEFORE DELETE ON tree BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

    -- What was signed. nodes: hashes of the last block, kept when retention drops its leaves. sum: SHA-256 of the other columns.
    CREATE TABLE checkpoints (
        size INTEGER NOT NULL, key INTEGER NOT NULL, made_ms INTEGER NOT NULL, note TEXT NOT NULL, nodes BLOB,
        sum BLOB NOT NULL CHECK (length(sum) = 32), PRIMARY KEY (size, key)
    ) STRICT, WITHOUT ROWID;
    -- Public halves of the keys that have signed.
    CREATE TABLE keys (vkey TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

    -- Parts that many records share, by content; last is the last record that binds it. With row ids: the parts are long.
    CREATE TABLE artifacts (
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32), last INTEGER NOT NULL, bytes BLOB NOT NULL
    ) STRICT;

    -- The fold over the log. With row ids: a state is longer than a quarter of a page, and would spill from the tree of its key.
    CREATE TABLE pairs (pair TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
    CREATE TABLE escalations (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;

    -- What the manifests want, by source (the set of paths they were read from): lets `get` answer without manifests.
    CREATE TABLE desired (
        source TEXT NOT NULL, kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (source, kind, namespace, name)
    ) STRICT, WITHOUT ROWID;

    -- Who works on a pair. The fence only grows, so a holder that lost its claim can not commit. Nothing that is shown comes from
    -- here, so no sum covers it.
    CREATE TABLE claims (pair TEXT PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL, expires_ms INTEGER NOT NULL)
        STRICT, WITHOUT ROWID;

    -- Objects ever seen: generation counts spec digests; immutable fields are compared.
    CREATE TABLE objects (
        kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
        uid TEXT NOT NULL, generation INTEGER NOT NULL, spec_digest BLOB NOT NULL, immutable TEXT NOT NULL,
        PRIMARY KEY (kind, namespace, name)
    ) STRICT, WITHOUT ROWID;

    -- How each Sink stands, by its uid, and who tells it now. Not evidence: whoever loses it tells again what is open.
    CREATE TABLE sinks (
        sink TEXT PRIMARY KEY, failures INTEGER NOT NULL, next_ms INTEGER, delivered_ms INTEGER, changed_ms INTEGER, error TEXT,
        message TEXT NOT NULL, holder TEXT, until_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- What each Sink has been told of which incident. next_ms: not again before, or never.
    CREATE TABLE deliveries (
        sink TEXT NOT NULL, identity TEXT NOT NULL, phase TEXT NOT NULL CHECK (phase IN ('firing', 'resolved', 'heartbeat')),
        attempts INTEGER NOT NULL, tried_ms INTEGER NOT NULL, next_ms INTEGER, delivered_ms INTEGER, reached INTEGER NOT NULL,
        error TEXT, told TEXT NOT NULL, PRIMARY KEY (sink, identity, phase)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- Pairs for which somebody asks for a run; asked_ms is also the name of the request.
    CREATE TABLE requests (pair TEXT PRIMARY KEY, asked_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    -- Digest of the last value of each Check's annotation that asks for a run.
    CREATE TABLE wishes (namespace TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (namespace, name))
        STRICT, WITHOUT ROWID;
",
    "
    -- Escalations that are not over: the others stay for good, and the daemon looks only at these. No column of its own, so that no
    -- version that does not know of it can leave it behind what the state says.
    CREATE INDEX escalations_open ON escalations (name)
        WHERE CASE WHEN json_valid(state) THEN json_extract(state, '$.matter.resolved_at') IS NULL ELSE 1 END;
",
    "
    -- When the claim was granted: one from the future was granted before the clock was set back. 0: by a version that did not say.
    ALTER TABLE claims ADD COLUMN granted_ms INTEGER NOT NULL DEFAULT 0;
",
    "
    -- Nothing is declared anew: from here on one row of artifacts holds all parts that the runs of a plan share, under the digest of the
    -- last, where there was a row for each. A version that does not know of it would miss the others.
",
];

/// The newest schema this version knows.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX - UNRELEASED) + UNRELEASED
}

/// Whether a file of this version was written by a tecrax that was never released.
pub(super) const fn unreleased(version: i64) -> bool {
    version != 0 && version <= UNRELEASED
}

/// The schema version of an open database.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings the database to the newest schema. The transaction is the lock: a second process waits and finds the work done.
pub(super) fn migrate(connection: &mut Connection, origin: &str) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    for migration in MIGRATIONS.iter().skip(done(found)) {
        transaction.execute_batch(migration)?;
    }
    transaction.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('origin', ?1)", [origin])?;
    transaction.pragma_update(None, "user_version", newest())?;
    transaction.commit()?;
    Ok(())
}

/// Name and text of everything that the schema of that version declares.
pub(super) fn declared(version: i64) -> Result<Vec<(String, String)>, StoreError> {
    let connection = Connection::open_in_memory()?;
    for migration in MIGRATIONS.iter().take(done(version)) {
        connection.execute_batch(migration)?;
    }
    found(&connection)
}

/// How many migrations lead to that version.
fn done(version: i64) -> usize {
    usize::try_from(version - UNRELEASED).unwrap_or(0)
}

/// Name and text of everything that an open database declares.
pub(super) fn found(connection: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = connection.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::FILE;
    use crate::store::{VerifyOptions, verify};

    /// Commands that only read find a directory as the version before left it, and bring it nowhere.
    #[test]
    fn a_directory_of_an_older_schema_is_sound_and_what_was_taken_from_it_is_missed() -> Result<(), Box<dyn std::error::Error>> {
        for migrations in 1..=MIGRATIONS.len() {
            let directory = tempfile::TempDir::new()?;
            let connection = Connection::open(directory.path().join(FILE))?;
            for migration in MIGRATIONS.iter().take(migrations) {
                connection.execute_batch(migration)?;
            }
            connection.execute("INSERT INTO meta (key, value) VALUES ('origin', 'here')", [])?;
            connection.pragma_update(None, "user_version", i64::try_from(migrations)? + UNRELEASED)?;
            let defects = || Ok::<_, StoreError>(format!("{:?}", verify(directory.path(), &VerifyOptions::default())?.defects));
            assert!(verify(directory.path(), &VerifyOptions::default())?.is_sound(), "{migrations}: {}", defects()?);
            connection.execute_batch("DROP TABLE claims")?;
            assert!(defects()?.contains("claims"), "{migrations}: {}", defects()?);
        }
        Ok(())
    }
}
