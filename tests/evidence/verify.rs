//! Verification of a state directory: what was changed is found, and named.

use std::path::Path;

use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host};
use crate::support::log;
use tecrax::evidence::log::Defect;
use tecrax::evidence::{pack, unpack};
use tecrax::store::{Db, Level, VerifyOptions, VerifyReport, verify};

fn full(state: &Path) -> VerifyReport {
    verify(state, &VerifyOptions::default()).unwrap()
}

fn quick(state: &Path) -> VerifyReport {
    verify(state, &VerifyOptions { level: Level::Quick, ..VerifyOptions::default() }).unwrap()
}

fn said(report: &VerifyReport) -> Vec<String> {
    report.defects.list().iter().map(ToString::to_string).collect()
}

/// Three hosts, one of them run three times more, the log signed in between and at the end.
async fn lived() -> Rig {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    for (name, used) in [("web", 50), ("db", 80), ("mail", 70)] {
        rig.write(&format!("{name}.yaml"), &host(name, Some(used)));
    }
    rig.once().await;
    sign(&rig);
    for name in ["db", "mail"] {
        rig.remove(&format!("{name}.yaml"));
    }
    for _ in 0..3 {
        rig.again().await;
    }
    sign(&rig);
    rig
}

fn sign(rig: &Rig) {
    let mut db = Db::open(&rig.state(), "x").unwrap();
    let key = db.checkpoint_key(None).unwrap();
    db.checkpoint(&key, rig.at).unwrap();
}

/// Changes the database behind the product's back.
fn tamper(state: &Path, sql: &str) {
    let connection = log::open(state);
    let triggers =
        "DROP TRIGGER log_keeps_records; DROP TRIGGER log_keeps_meaning; DROP TRIGGER tree_grows; DROP TRIGGER tree_stays;";
    connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {triggers} {sql}")).unwrap();
}

/// What stands in the way of tampering is part of what is verified.
const TRIGGERS: usize = 4;

#[tokio::test]
async fn a_log_that_nobody_touched_is_sound() {
    let rig = lived().await;
    for report in [full(&rig.state()), quick(&rig.state())] {
        assert_eq!(said(&report), [""; 0]);
        // Three hosts, two tombstones, three more runs: each run with its reaction.
        assert_eq!((report.size, report.records, report.runs, report.subjects, report.pruned), (14, 14, 6, 3, 0));
        assert_eq!((report.checkpoints, report.latest.as_ref().map(|latest| latest.size)), (2, Some(14)));
        assert_eq!(report.root, Db::open_read_only(&rig.state()).unwrap().tree_head().unwrap().root);
        assert!(!report.trusted && report.keys.len() == 1);
    }
    let replay = Db::open_read_only(&rig.state()).unwrap().replay().unwrap();
    assert_eq!((replay.records, replay.pairs, replay.different), (14, 3, 0));
}

#[tokio::test]
async fn an_empty_state_directory_is_sound() {
    let rig = Rig::new();
    let report = full(&rig.state());
    assert_eq!((said(&report).len(), report.size, report.latest), (0, 0, None));
}

#[tokio::test]
async fn what_was_changed_is_named() {
    // The first defect of each, which names the exact record; the tree's own follow.
    let cases: &[(&str, &str)] = &[
        (
            "UPDATE log SET body = CAST(replace(CAST(body AS TEXT), 'healthy', 'Healthy') AS BLOB) WHERE idx = 10",
            "record 10 (default/inventory.web@5): its body is not what the header binds",
        ),
        (
            "UPDATE log SET sealed_ms = sealed_ms - 60000 WHERE idx = 10",
            "record 10 (default/inventory.web@5): its header does not give its leaf hash",
        ),
        (
            "UPDATE log SET kind = 'denial.v1' WHERE idx = 11",
            "record 11 (default/inventory.web@6): its header does not give its leaf hash",
        ),
        (
            "UPDATE log SET parts = zeroblob(100) WHERE idx = 10",
            "record 10 (default/inventory.web@5): its stored parts are not what the body binds",
        ),
        (
            "UPDATE log SET parts = NULL WHERE idx = 10",
            "record 10 (default/inventory.web@5): its stored parts are not what the body binds",
        ),
        (
            "UPDATE log SET parts = zeroblob(9) WHERE idx = 11",
            "record 11 (default/inventory.web@6): its stored parts are not what the body binds",
        ),
        (
            "UPDATE log SET leaf = zeroblob(32) WHERE idx = 10",
            "record 10 (default/inventory.web@5): its header does not give its leaf hash",
        ),
        ("DELETE FROM log WHERE idx = 10", "record 10: missing: the index has a gap"),
        ("DELETE FROM log WHERE idx > 11", "log: 12 records are there, and another tree is noted over 14"),
        ("DELETE FROM log WHERE idx < 2", "records 0 to 1: missing: the index has a gap"),
        ("UPDATE log SET idx = idx + 100 WHERE idx = 13", "records 13 to 112: missing: the index has a gap"),
        // Two records change places.
        (
            "UPDATE log SET idx = 100 WHERE idx = 11; UPDATE log SET idx = 11 WHERE idx = 10; UPDATE log SET idx = 10 WHERE idx = 100",
            "record 10 (default/inventory.web@6): its sequence has a gap: number 6 follows 4",
        ),
        ("UPDATE subjects SET name = 'default/inventory.wab' WHERE name LIKE '%web'", "its header does not give its leaf hash"),
        ("UPDATE meta SET value = 'another-log' WHERE key = 'origin'", "its header does not give its leaf hash"),
        ("UPDATE tree SET peaks = zeroblob(96)", "log: 14 records are there, and another tree is noted over 14"),
        ("UPDATE tree SET pruned = 256", "database: damaged: the size and peaks of the log's tree"),
        ("INSERT INTO nodes VALUES (8, 0, zeroblob(32))", "log: 1 nodes are kept over 14 records instead of 0"),
        ("UPDATE checkpoints SET made_ms = 0", "checkpoint at 6: its row was changed"),
        ("UPDATE checkpoints SET size = 5 WHERE size = 6", "checkpoint at 5: its row was changed"),
        ("DELETE FROM keys", "file checkpoint: signed by no key that is trusted here"),
        (
            "UPDATE pairs SET state = replace(state, '\"runs\":4', '\"runs\":5')",
            "state of default/inventory.web: it is not what the log says",
        ),
        ("DELETE FROM pairs WHERE pair LIKE '%web'", "state of default/inventory.web: it is not what the log says"),
        (
            "INSERT INTO pairs SELECT 'default/inventory.new', state FROM pairs LIMIT 1",
            "state of default/inventory.new: it is not what the log says",
        ),
        ("UPDATE desired SET value = replace(value, 'web', 'wob') WHERE kind = 'Target'", "they are not what was written"),
        ("DELETE FROM desired WHERE kind = 'Check'", "they are not what was written"),
        ("UPDATE objects SET generation = 7 WHERE name = 'web'", "objects all: they are not what was written"),
        ("UPDATE artifacts SET bytes = zeroblob(length(bytes)) WHERE rowid = 1", "its bytes are not those of its digest"),
        ("DELETE FROM artifacts WHERE rowid = 1", "is missing"),
    ];
    let rig = lived().await;
    let original = rig.dir.path().join("original");
    log::open(&rig.state()).execute("VACUUM INTO ?1", [original.to_str().unwrap()]).unwrap();
    for (sql, expected) in cases {
        let state = tempfile::TempDir::new().unwrap();
        std::fs::copy(&original, state.path().join("tecrax.db")).unwrap();
        std::fs::copy(rig.state().join("checkpoint"), state.path().join("checkpoint")).unwrap();
        assert_eq!(said(&full(state.path())), [""; 0], "the copy is sound");
        tamper(state.path(), sql);
        let said = said(&full(state.path()));
        let (schema, rest) = said.split_at(TRIGGERS.min(said.len()));
        assert!(schema.iter().all(|line| line.starts_with("schema ")), "{sql}: {said:#?}");
        assert!(rest.iter().any(|line| line.contains(expected)), "{sql}: {said:#?}");
    }
}

/// The contract stands last and gives the row its name; what stands before it follows from the contract.
#[tokio::test]
async fn a_part_that_is_exchanged_in_the_row_of_another_is_found() {
    let rig = lived().await;
    let connection = log::open(&rig.state());
    let blob: Vec<u8> = connection.query_row("SELECT bytes FROM artifacts WHERE rowid = 1", [], |row| row.get(0)).unwrap();
    let mut parts = unpack(&blob).unwrap();
    assert_eq!(
        parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["intent_contract", "policy_decision", "execution_contract"]
    );
    parts[1].1 = String::from_utf8(parts[1].1.clone()).unwrap().replace("allow_prepare", "allow").into_bytes();
    let changed = pack(parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    connection.execute("UPDATE artifacts SET bytes = ?1 WHERE rowid = 1", [changed]).unwrap();
    let said = said(&full(&rig.state()));
    for expected in ["its bytes are not those of its digest", "its part `policy_decision`"] {
        assert!(said.iter().any(|line| line.contains(expected)), "{said:#?}");
    }
}

#[tokio::test]
async fn a_whole_record_made_anew_is_found_by_those_that_follow_and_by_the_tree() {
    let rig = lived().await;
    // Somebody who knows the format: body, digest and leaf of record 10 fit each other.
    let db = Db::open_read_only(&rig.state()).unwrap();
    let mut record = db.record_at(10).unwrap().unwrap();
    drop(db);
    record.body =
        String::from_utf8(record.body).unwrap().replace("\"assessment\":\"healthy\"", "\"assessment\":\"unknown\"").into_bytes();
    record.header.body = tecrax::api::Digest::of(&record.body);
    let leaf = record.header.leaf();
    tamper(&rig.state(), "");
    log::open(&rig.state())
        .execute(
            "UPDATE log SET body = ?1, body_digest = ?2, leaf = ?3 WHERE idx = 10",
            rusqlite::params![record.body, record.header.body.as_bytes(), leaf.as_bytes()],
        )
        .unwrap();
    let said = said(&quick(&rig.state()));
    assert!(
        said.contains(&"record 11 (default/inventory.web@6): it is not bound to number 5 of its sequence".to_owned()),
        "{said:#?}"
    );
    assert!(said.iter().any(|line| line.starts_with("checkpoint at 14: the first 14 records have another root")), "{said:#?}");
    assert!(said.iter().any(|line| line.starts_with("file checkpoint: ")), "{said:#?}");
    assert!(!said.iter().any(|line| line.starts_with("checkpoint at 6")), "what was signed before still holds: {said:#?}");
}

#[tokio::test]
async fn a_kept_node_that_was_changed_is_named_with_its_records() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(100));
    for _ in 0..3 {
        rig.again().await;
    }
    assert_eq!((said(&full(&rig.state())).len(), full(&rig.state()).size), (0, 600));
    tamper(&rig.state(), "UPDATE nodes SET hash = zeroblob(32) WHERE level = 8 AND idx = 1");
    assert_eq!(said(&quick(&rig.state())), ["tree over records 256 to 511: the kept node is not over its records"]);
}

#[tokio::test]
async fn a_check_of_the_caller_sees_every_record_with_all_its_parts() {
    let rig = lived().await;
    let seen = std::cell::RefCell::new(Vec::new());
    let check = |record: &tecrax::evidence::log::RecordParts<'_>| {
        seen.borrow_mut().push((record.index, record.parts.len()));
        let wrong = record.header.kind == "tombstone.v1";
        wrong.then(|| Defect::new(record.place(), "the caller does not like it")).into_iter().collect()
    };
    let report = verify(&rig.state(), &VerifyOptions { check: Some(&check), ..VerifyOptions::default() }).unwrap();
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 14);
    // Six artifacts and the part that is not exported; a reaction has none.
    assert!(seen.iter().all(|(_, parts)| [0, 7].contains(parts)), "{seen:?}");
    assert_eq!(said(&report).len(), 2, "{:?}", said(&report));
}

#[tokio::test]
async fn a_write_ahead_log_that_was_cut_or_changed_is_found() {
    let rig = lived().await;
    let state = rig.state();
    let wal = std::fs::read(state.join("tecrax.db-wal")).unwrap();
    let copy = |change: &dyn Fn(&mut Vec<u8>)| {
        let dir = tempfile::TempDir::new().unwrap();
        for name in ["tecrax.db", "tecrax.db-shm", "checkpoint", "checkpoint.key"] {
            std::fs::copy(state.join(name), dir.path().join(name)).unwrap();
        }
        let mut changed = wal.clone();
        change(&mut changed);
        std::fs::write(dir.path().join("tecrax.db-wal"), changed).unwrap();
        dir
    };
    assert_eq!(said(&full(copy(&|_| {}).path())), [""; 0]);
    let page = u32::from_be_bytes(wal[8..12].try_into().unwrap()) as usize + 24;
    let frames = (wal.len() - 32) / page;
    assert!(frames > 20, "{frames} frames");
    for (what, change) in [
        (
            "a byte of a page in the middle",
            Box::new(|wal: &mut Vec<u8>| wal[32 + page * 9 + 700] ^= 4) as Box<dyn Fn(&mut Vec<u8>)>,
        ),
        ("a byte of a salt", Box::new(|wal| wal[32 + page * 9 + 9] ^= 1)),
        ("a byte of the last page", Box::new(|wal| wal[32 + page * (frames - 1) + 500] ^= 1)),
        ("the end", Box::new(|wal| wal.truncate(32 + page * (frames - 3)))),
        ("the header", Box::new(|wal| wal[17] ^= 1)),
    ] {
        // Where all that is left is no database any more, that is an error and not a report.
        let found = match verify(copy(&change).path(), &VerifyOptions::default()) {
            Ok(report) => said(&report).join("; "),
            Err(error) => error.to_string(),
        };
        assert!(found.contains("write-ahead log"), "{what}: {found}");
    }
}
