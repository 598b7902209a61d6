//! Subjects by their id.

use std::collections::HashMap;

use super::super::{Db, StoreError};
use super::found;
use crate::evidence::Subject;
use crate::evidence::log::{Auditor, Defects, Place, Slot};

/// A subject, the text that stands in headers, and where the auditor keeps its sequence.
pub(super) struct Named {
    pub(super) subject: Subject,
    pub(super) slot: Slot,
    pub(super) text: String,
}

/// All subjects, which `auditor` knows from then on.
pub(super) fn subjects(db: &Db, auditor: &mut Auditor, defects: &mut Defects) -> Result<HashMap<i64, Named>, StoreError> {
    let mut statement = db.connection.prepare_cached("SELECT id, name FROM subjects")?;
    let mut rows = statement.query([])?;
    let mut subjects = HashMap::new();
    while let Some(Some(row)) = found(rows.next().map_err(StoreError::from), defects)? {
        let name = String::from_utf8_lossy(row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?).into_owned();
        match Subject::parse(&name) {
            Some(subject) => {
                let text = subject.to_string();
                let slot = auditor.slot(&subject);
                subjects.insert(row.get(0)?, Named { subject, slot, text });
            }
            None => defects.add(Place::Rows { table: "subjects", which: name }, "this is no name of a subject"),
        }
    }
    Ok(subjects)
}
