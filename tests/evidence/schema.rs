//! The layout of the state file, and how an older one is brought to it.

use tecrax::store::Db;
use tempfile::TempDir;

use crate::support::log;

/// A state file as the version before the index of open Escalations left it, with one that is open, one that is over, and one that can
/// not be read.
fn before_the_index() -> TempDir {
    let dir = TempDir::new().unwrap();
    drop(Db::open(dir.path(), "origin").unwrap());
    let db = log::open(dir.path());
    db.execute_batch("DROP INDEX escalations_open; ALTER TABLE claims DROP COLUMN granted_ms").unwrap();
    db.pragma_update(None, "user_version", 4).unwrap();
    for (name, state) in [
        ("default/a.0", r#"{"matter":{"resolved_at":null}}"#),
        ("default/b.0", r#"{"matter":{"resolved_at":"2026-03-01T12:00:00Z"}}"#),
        ("default/c.0", "no JSON"),
        ("default/d.0", r#"{"matter":null}"#),
    ] {
        db.execute("INSERT INTO escalations (name, state) VALUES (?1, ?2)", [name, state]).unwrap();
    }
    dir
}

#[test]
fn an_older_layout_gets_the_index_of_open_escalations_and_one_that_can_not_be_read_is_not_hidden_by_it() {
    let dir = before_the_index();
    let db = Db::open(dir.path(), "origin").unwrap();
    let error = db.open_escalations().unwrap_err().to_string();
    assert!(error.contains("escalation default/"), "{error}");
    let open = log::open(dir.path());
    let sql: String =
        open.query_row("SELECT sql FROM sqlite_schema WHERE name = 'escalations_open'", [], |row| row.get(0)).unwrap();
    let (_, condition) = sql.split_once("WHERE ").unwrap();
    let query = format!("SELECT name, state FROM escalations WHERE {condition} ORDER BY name");
    let names: Vec<String> =
        open.prepare(&query).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(names, ["default/a.0", "default/c.0", "default/d.0"]);
    let version: i64 = open.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 7);
}

/// What the product asks, word for word: another condition would read the whole table.
#[test]
fn open_escalations_are_found_by_their_index() {
    let source = include_str!("../../src/store/escalation.rs");
    let (_, query) = source.split_once("pub fn open_escalations").unwrap();
    let query = query.split('"').nth(1).unwrap();
    assert!(query.starts_with("SELECT name, state FROM escalations"), "{query}");
    let dir = TempDir::new().unwrap();
    drop(Db::open(dir.path(), "origin").unwrap());
    let plan: String = log::open(dir.path()).query_row(&format!("EXPLAIN QUERY PLAN {query}"), [], |row| row.get(3)).unwrap();
    assert!(plan.contains("escalations_open"), "{plan}");
}
