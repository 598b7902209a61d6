//! What all sets of manifests want, as far as Escalations depend on it.

use serde::de::DeserializeOwned;

use crate::api::{LabelName, Namespace, PairId, SubdomainName};
use crate::status::Wants;
use crate::store::{Db, StoreError};

/// What all sets of manifests want.
///
/// # Errors
/// The store's; [`StoreError::Damaged`] names a row that can not be read.
pub fn wants(db: &Db) -> Result<Wants, StoreError> {
    Ok(Wants {
        pairs: read(db, "Pair", |namespace, name| PairId::parse(&format!("{namespace}/{name}")))?,
        targets: read(db, "Target", |namespace, name| {
            Some((Namespace::parse(namespace).ok()?, SubdomainName::parse(name).ok()?))
        })?,
        checks: read(db, "Check", |namespace, name| Some((Namespace::parse(namespace).ok()?, LabelName::parse(name).ok()?)))?,
    })
}

fn read<K, V: DeserializeOwned, C: FromIterator<(K, V)>>(
    db: &Db,
    kind: &'static str,
    key: impl Fn(&str, &str) -> Option<K>,
) -> Result<C, StoreError> {
    let rows = db.desired(kind)?;
    let row = |row: &crate::store::DesiredRow| {
        let damaged = |error: &dyn std::fmt::Display| StoreError::Damaged { what: format!("{kind} {}: {error}", row.name) };
        let key = key(&row.namespace, &row.name).ok_or_else(|| damaged(&"its name"))?;
        Ok((key, serde_json::from_str(&row.value).map_err(|error| damaged(&error))?))
    };
    rows.iter().map(row).collect()
}
