//! What all sets of manifests want, as far as Escalations depend on it.

use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;

use super::Engine;
use crate::api::{LabelName, Namespace, PairId, SubdomainName};
use crate::status::Wants;
use crate::store::{Db, StoreError};

/// What was wanted when it was last asked, and the sums by which that is known again.
pub(super) type Known = Mutex<Option<(Vec<(String, String)>, Arc<Wants>)>>;

/// What all sets of manifests want. Every look at the Escalations asks, and it seldom changes: it is read only when it has.
///
/// # Errors
/// As [`wants`].
pub(super) async fn wants_now(engine: &Engine) -> Result<Arc<Wants>, StoreError> {
    let known = engine.wants.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let read = move |db: &Db| {
        let sums = db.desired_sums()?;
        match known {
            Some((before, wants)) if before == sums => Ok((before, wants)),
            _ => Ok((sums, Arc::new(wants(db)?))),
        }
    };
    let (sums, wants) = engine.store.ask(read).await?;
    *engine.wants.lock().unwrap_or_else(PoisonError::into_inner) = Some((sums, Arc::clone(&wants)));
    Ok(wants)
}

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
