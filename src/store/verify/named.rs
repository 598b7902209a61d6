//! Subjects by their id.

use std::collections::HashMap;

use super::super::{Db, StoreError};
use super::found;
use crate::evidence::Subject;
use crate::evidence::log::{Defects, Place};

/// A subject, and the text that stands in headers.
pub(super) struct Named {
    pub(super) subject: Subject,
    pub(super) text: String,
}

/// Subjects by their id.
pub(super) fn subjects(db: &Db, defects: &mut Defects) -> Result<HashMap<i64, Named>, StoreError> {
    let mut statement = db.connection.prepare_cached("SELECT id, name FROM subjects")?;
    let mut rows = statement.query([])?;
    let mut subjects = HashMap::new();
    while let Some(Some(row)) = found(rows.next().map_err(StoreError::from), defects)? {
        let name = String::from_utf8_lossy(row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?).into_owned();
        match Subject::parse(&name) {
            Some(subject) => {
                let text = subject.to_string();
                subjects.insert(row.get(0)?, Named { subject, text });
            }
            None => defects.add(Place::Rows { table: "subjects", which: name }, "this is no name of a subject"),
        }
    }
    Ok(subjects)
}
