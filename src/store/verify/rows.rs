//! What stands beside the log: the schema, the database's own structure, rows that are shown.

use std::collections::HashMap;

use super::super::read::parse_state;
use super::super::{Db, StoreError, escalation, schema, sums};
use super::found;
use crate::api::{EscalationId, PairId};
use crate::evidence::log::{Defects, Place};
use crate::evidence::{Head, Subject};

/// Checks that the database declares what its schema declares, which may be an older one, triggers included, and that its pages and indexes add up.
pub(super) fn structure(db: &Db, defects: &mut Defects) -> Result<(), StoreError> {
    // Nobody has written since the schema got more: whoever only reads does not bring it there.
    let declared = schema::declared(schema::version(&db.connection)?)?;
    let stands = found(schema::found(&db.connection), defects)?.unwrap_or_default();
    for (name, sql) in &declared {
        if !stands.iter().any(|(known, text)| known == name && text == sql) {
            defects.add(Place::Rows { table: "schema", which: name.clone() }, "it is not declared as its schema declares it");
        }
    }
    for (name, _) in stands.iter().filter(|(name, _)| !declared.iter().any(|(known, _)| known == name)) {
        // SQLite's own statistics are nobody's business.
        if !name.starts_with("sqlite_stat") {
            defects.add(Place::Rows { table: "schema", which: name.clone() }, "its schema declares no such thing");
        }
    }
    let lines = || -> Result<Vec<String>, StoreError> {
        let mut statement = db.connection.prepare("PRAGMA integrity_check(100)")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    };
    for line in found(lines(), defects)?.unwrap_or_default() {
        if line != "ok" {
            defects.add(Place::Database, line);
        }
    }
    Ok(())
}

/// Checks the rows that are shown and that no record covers against their sums.
pub(super) fn beside(db: &Db, defects: &mut Defects) -> Result<(), StoreError> {
    let connection = &db.connection;
    let differs = |key: &str, table: &'static str, which: &str, stands: Option<crate::api::Digest>, defects: &mut Defects| {
        let written = found(sums::written(connection, key), defects)?.flatten();
        if stands.map(|sum| sum.to_string()) != written {
            defects.add(Place::Rows { table, which: which.to_owned() }, "they are not what was written");
        }
        Ok::<_, StoreError>(())
    };
    let objects = found(sums::objects(connection), defects)?;
    let some = sums::written(connection, sums::OBJECTS)?.is_some() || count(db, "SELECT count(*) FROM objects")? > 0;
    if some {
        differs(sums::OBJECTS, "objects", "all", objects, defects)?;
    }
    let sources = || -> Result<Vec<String>, StoreError> {
        let mut statement = connection
            .prepare("SELECT source FROM desired UNION SELECT substr(key, ?1) FROM meta WHERE key LIKE ?2 ORDER BY 1")?;
        let skip = i64::try_from(sums::DESIRED.len() + 1).unwrap_or(i64::MAX);
        let rows = statement.query_map(rusqlite::params![skip, format!("{}%", sums::DESIRED)], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    for source in found(sources(), defects)?.unwrap_or_default() {
        let sum = found(sums::desired(connection, &source), defects)?;
        differs(&sums::desired_key(&source), "desired", &source, sum, defects)?;
    }
    Ok(())
}

/// Checks that every pair's state stands at the end of its sequence, and that every sequence has a state.
pub(super) fn heads(db: &Db, heads: &HashMap<Subject, Head>, defects: &mut Defects) -> Result<(), StoreError> {
    let mut statement = db.connection.prepare_cached("SELECT pair, state FROM pairs")?;
    let mut rows = statement.query([])?;
    let mut known = 0;
    while let Some(Some(row)) = found(rows.next().map_err(StoreError::from), defects)? {
        let text = |column| row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from);
        let (name, state) = (String::from_utf8_lossy(text(0)?), String::from_utf8_lossy(text(1)?));
        let head = PairId::parse(&name).and_then(|pair| heads.get(&Subject::Pair(pair)).copied());
        let stands = parse_state(&name, &state).ok().map(|state| state.head());
        if head.is_none() || head != stands {
            defects.add(Place::State { pair: name.into_owned() }, "it does not stand at the end of the pair's sequence");
        }
        known += 1;
    }
    let pairs = heads.keys().filter(|subject| subject.pair().is_some()).count();
    if pairs != known {
        defects.add(Place::Log, format!("{pairs} pairs have records, and {known} have a state"));
    }
    escalation_heads(db, heads, defects)
}

/// The same for Escalations.
fn escalation_heads(db: &Db, heads: &HashMap<Subject, Head>, defects: &mut Defects) -> Result<(), StoreError> {
    let mut statement = db.connection.prepare_cached("SELECT name, state FROM escalations")?;
    let mut rows = statement.query([])?;
    let mut known = 0;
    while let Some(Some(row)) = found(rows.next().map_err(StoreError::from), defects)? {
        let text = |column| row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from);
        let (name, state) = (String::from_utf8_lossy(text(0)?), String::from_utf8_lossy(text(1)?));
        let head = EscalationId::parse(&name).and_then(|id| heads.get(&Subject::Escalation(id)).copied());
        let stands = escalation::parse(&name, &state).ok().map(|state| state.head());
        if head.is_none() || head != stands {
            let pair = format!("{}{name}", Subject::ESCALATION);
            defects.add(Place::State { pair }, "it does not stand at the end of its sequence");
        }
        known += 1;
    }
    let escalations = heads.keys().filter(|subject| subject.escalation().is_some()).count();
    if escalations != known {
        defects.add(Place::Log, format!("{escalations} Escalations have records, and {known} have a state"));
    }
    Ok(())
}

fn count(db: &Db, sql: &str) -> Result<i64, StoreError> {
    Ok(db.connection.query_row(sql, [], |row| row.get(0))?)
}
