//! Objects ever seen: their generation and their immutable fields.

use std::collections::HashMap;

use rusqlite::{Connection, TransactionBehavior, params};

use super::{Db, StoreError, sums};
use crate::api::{Digest, uid};

/// Kind, namespace, name.
pub type ObjectKey = (String, String, String);

/// An object as the manifests have it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Digest of its spec.
    pub spec_digest: Digest,
    /// Its immutable fields as one text.
    pub immutable: String,
}

/// An object as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownObject {
    /// Counts spec digests, from 1.
    pub generation: i64,
    /// The immutable fields it was first seen with.
    pub immutable: String,
    /// Digest of the spec it was last accepted with.
    pub spec_digest: Digest,
}

impl KnownObject {
    /// Whether `seen` adds a generation.
    pub fn is_changed(&self, seen: &Seen) -> bool {
        self.spec_digest != seen.spec_digest && self.immutable == seen.immutable
    }
}

impl Db {
    /// Every object ever seen.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn objects(&self) -> Result<HashMap<ObjectKey, KnownObject>, StoreError> {
        objects(&self.connection)
    }

    /// Takes note of `seen`: new objects start at generation 1, a changed spec adds one. Objects whose immutable fields differ
    /// from the known ones are left as they are; the caller reports them. Returns everything known afterwards, as of this very write:
    /// the generation that a spec got stays its own when another process brings the next one.
    ///
    /// Writes only when something changed.
    ///
    /// # Errors
    /// SQLite's, or [`StoreError::Damaged`].
    pub fn observe(&mut self, seen: &[(ObjectKey, Seen)]) -> Result<HashMap<ObjectKey, KnownObject>, StoreError> {
        let changed = |known: &HashMap<ObjectKey, KnownObject>| {
            seen.iter().any(|(key, seen)| known.get(key).is_none_or(|known| known.is_changed(seen)))
        };
        let known = self.objects()?;
        if !changed(&known) {
            return Ok(known);
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut write = transaction.prepare_cached(
                "INSERT INTO objects (kind, namespace, name, uid, generation, spec_digest, immutable)
                 VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
                 ON CONFLICT (kind, namespace, name) DO UPDATE SET generation = generation + 1, spec_digest = excluded.spec_digest
                 WHERE spec_digest <> excluded.spec_digest AND immutable = excluded.immutable",
            )?;
            for ((kind, namespace, name), seen) in seen {
                let uid = uid(kind, namespace, name);
                write.execute(params![kind, namespace, name, uid, seen.spec_digest.as_bytes(), seen.immutable])?;
            }
            sums::write_objects(&transaction)?;
        }
        let known = objects(&transaction)?;
        transaction.commit()?;
        Ok(known)
    }
}

fn objects(connection: &Connection) -> Result<HashMap<ObjectKey, KnownObject>, StoreError> {
    let mut statement = connection.prepare("SELECT kind, namespace, name, generation, spec_digest, immutable FROM objects")?;
    let mut rows = statement.query([])?;
    let mut known = HashMap::new();
    while let Some(row) = rows.next()? {
        let key: ObjectKey = (row.get(0)?, row.get(1)?, row.get(2)?);
        let digest: Vec<u8> = row.get(4)?;
        let spec_digest =
            Digest::from_bytes(&digest).ok_or_else(|| StoreError::Damaged { what: format!("object {}/{}", key.0, key.2) })?;
        known.insert(key, KnownObject { generation: row.get(3)?, immutable: row.get(5)?, spec_digest });
    }
    Ok(known)
}
