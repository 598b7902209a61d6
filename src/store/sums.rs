//! Sums over rows that are shown and that the log does not cover: a flipped byte in one of them is noticed.

use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;
use crate::api::Digest;

/// Writes the sum over what a source wants. Inside the transaction that changed it.
pub(super) fn write_desired(connection: &Connection, source: &str) -> Result<(), StoreError> {
    write(connection, &desired_key(source), &desired(connection, source)?)
}

/// Writes the sum over all known objects. Inside the transaction that changed them.
pub(super) fn write_objects(connection: &Connection) -> Result<(), StoreError> {
    write(connection, OBJECTS, &objects(connection)?)
}

/// The sums over what every source wants, as they were written: what is wanted is the same as long as these are.
pub(super) fn all_desired(connection: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT key, value FROM meta WHERE key >= ?1 AND key < ?2 ORDER BY key")?;
    let rows = statement.query_map([DESIRED, DESIRED_END], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Key of the sum over all known objects.
pub(super) const OBJECTS: &str = "sum/objects";
/// How the key of the sum over what a source wants begins.
pub(super) const DESIRED: &str = "sum/desired/";
/// The first key that no longer begins so.
const DESIRED_END: &str = "sum/desired0";

/// Key of the sum over what a source wants.
pub(super) fn desired_key(source: &str) -> String {
    format!("{DESIRED}{source}")
}

/// The sum as it was written; `None` when there is none.
pub(super) fn written(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    Ok(connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()?)
}

fn write(connection: &Connection, key: &str, sum: &Digest) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")?
        .execute(params![key, sum.to_string()])?;
    Ok(())
}

/// The sum over what a source wants, as it stands.
pub(super) fn desired(connection: &Connection, source: &str) -> Result<Digest, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT kind, namespace, name, value FROM desired WHERE source = ?1 ORDER BY kind, namespace, name")?;
    let mut rows = statement.query([source])?;
    let mut sum = Digest::ZERO;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from);
        sum = Digest::of_parts([sum.as_bytes(), text(0)?, text(1)?, text(2)?, text(3)?]);
    }
    Ok(sum)
}

/// The sum over all known objects, as they stand.
pub(super) fn objects(connection: &Connection) -> Result<Digest, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, namespace, name, uid, generation, spec_digest, immutable FROM objects ORDER BY kind, namespace, name",
    )?;
    let mut rows = statement.query([])?;
    let mut sum = Digest::ZERO;
    while let Some(row) = rows.next()? {
        let bytes = |column| row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from);
        let generation = row.get::<_, i64>(4)?.to_be_bytes();
        sum = Digest::of_parts([
            sum.as_bytes().as_slice(),
            bytes(0)?,
            bytes(1)?,
            bytes(2)?,
            bytes(3)?,
            &generation,
            bytes(5)?,
            bytes(6)?,
        ]);
    }
    Ok(sum)
}
