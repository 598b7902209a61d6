//! Retention: old records go, and everything that could be proven can still be.

use std::collections::HashMap;
use std::path::Path;

use crate::support::engine::Rig;
use crate::support::hosts::fleet;
use crate::support::log;
use jiff::SignedDuration;
use tecrax::api::Digest;
use tecrax::evidence::log::{SignedCheckpoint, leaf_hash};
use tecrax::evidence::{pack, unpack};
use tecrax::store::{Db, Prune, RetentionPolicy, VerifyOptions, VerifyReport, verify};

fn said(report: &VerifyReport) -> Vec<String> {
    report.defects.list().iter().map(ToString::to_string).collect()
}

fn sound(state: &Path) -> VerifyReport {
    let report = verify(state, &VerifyOptions::default()).unwrap();
    assert_eq!(said(&report), [""; 0]);
    report
}

/// A hundred hosts that run every ten minutes, `passes` times, signed after each pass. 200 records a pass.
async fn lived(rig: &mut Rig, passes: u32) -> Vec<SignedCheckpoint> {
    let mut signed = Vec::new();
    for _ in 0..passes {
        rig.pass(600);
        rig.once().await;
        signed.push(sign(rig));
    }
    signed
}

fn sign(rig: &Rig) -> SignedCheckpoint {
    let mut db = Db::open(&rig.state(), "x").unwrap();
    let key = db.checkpoint_key(None).unwrap();
    db.checkpoint(&key, rig.at).unwrap()
}

fn rig() -> Rig {
    let rig = Rig::new();
    rig.write("fleet.yaml", &fleet(100));
    rig
}

fn minutes(minutes: i64) -> RetentionPolicy {
    RetentionPolicy { max_age: Some(SignedDuration::from_mins(minutes)), max_bytes: None }
}

fn prune(rig: &Rig, policy: RetentionPolicy) -> Option<u64> {
    let mut db = Db::open(&rig.state(), "x").unwrap();
    db.prune(&policy, Prune::Now, rig.at).unwrap().map(|pruned| pruned.pruned)
}

#[tokio::test]
async fn what_is_kept_is_as_provable_as_before() {
    let mut rig = rig();
    let mut signed = lived(&mut rig, 8).await;
    let before = Db::open_read_only(&rig.state()).unwrap().states().unwrap();
    // 1,600 records; the passes of 10, 20, … 80 minutes ago hold 200 each: five of them are older than 25 minutes.
    assert_eq!(prune(&rig, minutes(25)), Some(768), "whole blocks of 256 only");
    let report = sound(&rig.state());
    assert_eq!((report.size, report.pruned, report.records, report.checkpoints), (1_601, 768, 833, 8));
    signed.push(sign(&rig));
    // States are not touched; the log still folds to them.
    let db = Db::open_read_only(&rig.state()).unwrap();
    assert_eq!(db.states().unwrap(), before);
    let replay = db.replay().unwrap();
    assert_eq!((replay.records, replay.pairs, replay.different), (833, 100, 0));
    // Kept records are proven, dropped ones are gone.
    let keys = db.verifier_keys().unwrap();
    for index in [768, 1_000, 1_600] {
        let proof = db.prove(index).unwrap().unwrap();
        let leaf = leaf_hash(proof.extra.as_ref().unwrap());
        proof.verify(&leaf, &keys).unwrap();
    }
    assert!(db.record_at(767).unwrap().is_none() && db.prove(767).unwrap().is_none());
    // Every checkpoint ever handed out is continued, those inside the dropped part included.
    let options = VerifyOptions { keys, checkpoints: signed.clone(), ..VerifyOptions::default() };
    let report = verify(&rig.state(), &options).unwrap();
    assert_eq!((said(&report).len(), report.continued), (0, 9), "{:?}", said(&report));
    for checkpoint in &signed {
        let checkpoint = checkpoint.checkpoint();
        assert_eq!(db.root_at(checkpoint.size).unwrap(), checkpoint.root, "{}", checkpoint.size);
    }
}

/// Every shared part in a row of its own, as up to schema 6. Returns how many rows there are.
fn one_by_one(state: &Path) -> usize {
    let mut connection = log::open(state);
    let transaction = connection.transaction().unwrap();
    let rows: Vec<(Vec<u8>, i64, Vec<u8>)> = {
        let mut statement = transaction.prepare("SELECT digest, last, bytes FROM artifacts").unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect()
    };
    let mut stored = 0;
    for (digest, last, blob) in rows {
        transaction.execute("DELETE FROM artifacts WHERE digest = ?1", [digest]).unwrap();
        for (name, bytes) in unpack(&blob).unwrap() {
            let blob = pack([(name.as_str(), bytes.as_slice())]);
            let digest = Digest::of(&bytes);
            let row = (digest.as_bytes(), last, blob);
            transaction.execute("INSERT INTO artifacts (digest, last, bytes) VALUES (?1, ?2, ?3)", row).unwrap();
            stored += 1;
        }
    }
    transaction.commit().unwrap();
    stored
}

#[tokio::test]
async fn shared_parts_that_were_stored_one_by_one_are_found_and_kept_with_the_runs_that_bind_them() {
    let mut rig = rig();
    lived(&mut rig, 4).await;
    assert_eq!(one_by_one(&rig.state()), 300);
    sound(&rig.state());
    lived(&mut rig, 4).await;
    // The runs of the first passes go; those of the last ones bind what they bound.
    assert_eq!(prune(&rig, minutes(25)), Some(768));
    sound(&rig.state());
    let rows: i64 = log::open(&rig.state()).query_row("SELECT count(*) FROM artifacts", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 301, "nothing is stored twice, and the sealed states");
}

#[tokio::test]
async fn a_second_prune_goes_on_from_the_first_and_life_goes_on() {
    let mut rig = rig();
    let mut signed = lived(&mut rig, 6).await;
    assert_eq!(prune(&rig, minutes(35)), Some(256));
    signed.extend(lived(&mut rig, 6).await);
    assert_eq!(prune(&rig, minutes(35)), Some(1_536));
    assert_eq!(prune(&rig, minutes(35)), None, "nothing more to drop");
    signed.extend(lived(&mut rig, 2).await);
    let report = sound(&rig.state());
    assert_eq!((report.pruned, report.size), (1_536, 14 * 200 + 2));
    let options = VerifyOptions { checkpoints: signed, ..VerifyOptions::default() };
    let report = verify(&rig.state(), &options).unwrap();
    assert_eq!((said(&report).len(), report.continued), (0, 14), "{:?}", said(&report));
    // Sealed states that no kept record stands for are gone, too.
    let states: i64 = log::open(&rig.state())
        .query_row("SELECT count(*) FROM artifacts WHERE last IN (SELECT idx FROM log WHERE kind = 'retention.v1')", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(states, 1);
}

#[tokio::test]
async fn nothing_below_the_seal_can_be_deleted_by_hand_and_nothing_above() {
    let mut rig = rig();
    lived(&mut rig, 4).await;
    assert_eq!(prune(&rig, minutes(15)), Some(256));
    let connection = log::open(&rig.state());
    assert!(connection.execute("DELETE FROM log WHERE idx = 256", []).unwrap_err().to_string().contains("append-only"));
    assert!(connection.execute("UPDATE tree SET pruned = 0", []).unwrap_err().to_string().contains("append-only"));
    assert!(connection.execute("UPDATE tree SET size = size - 1", []).unwrap_err().to_string().contains("append-only"));
}

#[tokio::test]
async fn what_stands_for_dropped_records_can_not_be_changed_unseen() {
    let mut rig = rig();
    lived(&mut rig, 4).await;
    assert_eq!(prune(&rig, minutes(15)), Some(256));
    sign(&rig);
    let original = rig.dir.path().join("original");
    log::open(&rig.state()).execute("VACUUM INTO ?1", [original.to_str().unwrap()]).unwrap();
    for (sql, expected) in [
        ("UPDATE nodes SET hash = zeroblob(32) WHERE idx = 0", "the kept nodes over dropped records do not give the sealed root"),
        ("UPDATE checkpoints SET nodes = NULL WHERE size = 200", "checkpoint at 200: its row was changed"),
        ("UPDATE artifacts SET bytes = zeroblob(50) WHERE last = 800", "its bytes are not those of its digest"),
        ("DELETE FROM artifacts WHERE last = 800", "sealed states"),
        ("DROP TRIGGER tree_grows; UPDATE tree SET pruned = 512", "it stands for 256 records, and 512 are noted as dropped"),
        ("DROP TRIGGER log_keeps_records; DELETE FROM log WHERE idx = 800", "no retention record stands for them"),
        (
            "DROP TRIGGER log_keeps_meaning; UPDATE log SET body = CAST(replace(CAST(body AS TEXT), '\"runs\":128', '\"runs\":127') AS BLOB) WHERE idx = 800",
            "its body is not what the header binds",
        ),
    ] {
        let state = tempfile::TempDir::new().unwrap();
        std::fs::copy(&original, state.path().join("tecrax.db")).unwrap();
        std::fs::copy(rig.state().join("checkpoint"), state.path().join("checkpoint")).unwrap();
        assert_eq!(log::open(state.path()).execute_batch(sql), Ok(()), "{sql}");
        let said = said(&verify(state.path(), &VerifyOptions::default()).unwrap());
        assert!(said.iter().any(|line| line.contains(expected)), "{sql}: {said:#?}");
    }
}

#[tokio::test]
async fn the_byte_budget_drops_the_oldest_and_gives_space_back() {
    let mut rig = rig();
    lived(&mut rig, 8).await;
    let used = |state: &Path| {
        let connection = log::open(state);
        let pragma = |name: &str| connection.pragma_query_value::<i64, _>(None, name, |row| row.get(0)).unwrap();
        (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
    };
    let before = used(&rig.state());
    let most = u64::try_from(before * 2 / 3).unwrap();
    let policy = RetentionPolicy { max_age: None, max_bytes: Some(most) };
    let pruned = prune(&rig, policy).unwrap();
    assert!((256..1_400).contains(&pruned), "{pruned}");
    let after = u64::try_from(used(&rig.state())).unwrap();
    assert!(after <= most + most / 8, "{before} became {after}, and {most} are allowed");
    sound(&rig.state());
    // The freed pages take the next records: the file does not grow.
    let pages = |state: &Path| log::open(state).pragma_query_value::<i64, _>(None, "page_count", |row| row.get(0)).unwrap();
    let pages_before = pages(&rig.state());
    rig.pass(600);
    rig.once().await;
    assert!(pages(&rig.state()) <= pages_before + 8);
}

#[tokio::test]
async fn a_pass_drops_lazily_and_only_what_is_worth_a_seal() {
    let mut rig = rig();
    lived(&mut rig, 3).await;
    let mut db = Db::open(&rig.state(), "x").unwrap();
    let mut lazily = |rig: &Rig, hours: i64| {
        let policy = RetentionPolicy { max_age: Some(SignedDuration::from_hours(hours)), max_bytes: None };
        db.prune(&policy, Prune::Lazily, rig.at).unwrap().map(|pruned| pruned.pruned)
    };
    // The first block is 10 to 20 minutes old.
    assert_eq!(lazily(&rig, 1), None);
    rig.pass(3_600 - 600 + 30);
    assert_eq!(lazily(&rig, 1), None, "older than an hour, but by less than two minutes");
    rig.pass(120);
    assert_eq!(lazily(&rig, 1), Some(256));
    assert_eq!(lazily(&rig, 1), None);
    sound(&rig.state());
}

#[tokio::test]
async fn two_that_prune_at_once_seal_once() {
    let mut rig = rig();
    lived(&mut rig, 6).await;
    let (state, at) = (rig.state(), rig.at);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let state = state.clone();
            std::thread::spawn(move || Db::open(&state, "x").unwrap().prune(&minutes(35), Prune::Now, at).unwrap().is_some())
        })
        .collect();
    let done = threads.into_iter().filter(|_| true).map(|thread| thread.join().unwrap()).filter(|done| *done).count();
    assert_eq!(done, 1);
    assert_eq!(sound(&rig.state()).size, 1_201);
}

#[tokio::test]
async fn what_a_killed_process_had_sealed_and_not_deleted_is_deleted_by_the_next() {
    let mut rig = rig();
    lived(&mut rig, 4).await;
    let kept: HashMap<i64, Vec<u8>> = {
        let connection = log::open(&rig.state());
        let mut statement = connection.prepare("SELECT idx, body FROM log WHERE idx < 256").unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(prune(&rig, minutes(15)), Some(256));
    let connection = log::open(&rig.state());
    for (index, body) in kept.iter().take(10) {
        connection
            .execute(
                "INSERT INTO log (idx, subject, seq, kind, prev, leaf, body_digest, sealed_ms, body)
                 VALUES (?1, 9999, ?1 + 1, 'x', zeroblob(32), zeroblob(32), zeroblob(32), 0, ?2)",
                rusqlite::params![index, body],
            )
            .unwrap();
    }
    // They are no part of the log any more, and nobody is shown them.
    sound(&rig.state());
    let index = *kept.keys().next().unwrap();
    assert!(Db::open_read_only(&rig.state()).unwrap().record_at(u64::try_from(index).unwrap()).unwrap().is_none());
    assert_eq!(prune(&rig, minutes(15)), None);
    let left: i64 = connection.query_row("SELECT count(*) FROM log WHERE idx < 256", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}
