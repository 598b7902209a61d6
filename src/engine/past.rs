//! What the store knows of one set of manifests.

use std::collections::HashMap;

use super::text::DOCUMENT;
use crate::store::{Db, DesiredRow, StoreError};

/// Kinds of rows that what is desired is held against.
const KINDS: [&str; 6] = [DOCUMENT, "Target", "Check", "Sink", "Policy", "Pair"];

/// The rows that were published last, by kind.
#[derive(Debug, Default)]
pub(super) struct Past(HashMap<&'static str, Vec<DesiredRow>>);

impl Past {
    /// Reads them.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn read(db: &Db, source: &str) -> Result<Self, StoreError> {
        let rows = KINDS.into_iter().map(|kind| Ok((kind, db.desired_by(source, kind)?)));
        Ok(Self(rows.collect::<Result<_, StoreError>>()?))
    }

    /// The rows of a kind.
    pub(super) fn of(&self, kind: &str) -> &[DesiredRow] {
        self.0.get(kind).map(Vec::as_slice).unwrap_or_default()
    }
}
