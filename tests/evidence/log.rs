//! The log: append-only, chained, fenced, and whole after the process is killed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::cli::{Home, ended};
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host, local_fleet};
use crate::support::log;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tecrax::api::PairId;
use tecrax::evidence::{Head, RecordKind, Sealed, redact, seal};
use tecrax::secrets::Redactor;
use tecrax::store::{Commit, Db, Outcome, StoreError};
use tempfile::TempDir;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn pair(name: &str) -> PairId {
    PairId::parse(&format!("default/c.{name}")).unwrap()
}

fn record(origin: &str, name: &str, head: Head) -> Sealed {
    let body = redact(json!({"pair": name}), &Redactor::default());
    seal(origin, &pair(name).into(), head, RecordKind::Denial, body, Vec::new(), now())
}

/// Claims one pair for an hour from `at` and returns its fence, if it was granted.
fn claim(db: &mut Db, holder: &str, name: &str, at: Timestamp) -> Option<i64> {
    db.claim(holder, || at, &[(pair(name), SignedDuration::from_hours(1))]).unwrap().first().map(|claim| claim.fence)
}

fn durable(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Durable(_))
}

#[tokio::test]
async fn records_are_neither_changed_nor_deleted() {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    rig.once().await;
    let connection = log::open(&rig.state());
    for statement in [
        "DELETE FROM log",
        "DELETE FROM log WHERE idx = 2",
        "UPDATE log SET body = x'7b7d'",
        "UPDATE log SET parts = NULL",
        "UPDATE log SET seq = seq + 100",
        "UPDATE log SET sealed_ms = 0",
    ] {
        let error = connection.execute(statement, []).expect_err(statement).to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    // Two runs, two reactions, and the Escalation that they led to.
    assert_eq!(log::verify(&rig.state()), 5);
}

/// By the program itself, which finds nothing before, and by the tests' own reading of the log.
#[tokio::test]
async fn a_changed_past_is_noticed() {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    rig.once().await;
    let verify = |state: &Path| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_tecrax"));
        ended(command.env_clear().args(["evidence", "verify"]).arg(state).timeout(std::time::Duration::from_mins(1)))
    };
    let whole = verify(&rig.state());
    assert_eq!(whole.code, 0, "{whole:?}");
    assert_eq!(log::verify(&rig.state()), 5);
    for (what, statements) in [
        ("changed", "UPDATE log SET sealed_ms = sealed_ms + 1 WHERE idx = 2"),
        ("dropped", "DELETE FROM log WHERE idx = 2"),
        ("dropped at the end", "DELETE FROM log WHERE idx = 4"),
        (
            "reordered",
            "UPDATE log SET idx = 99 WHERE idx = 1; UPDATE log SET idx = 1 WHERE idx = 2; UPDATE log SET idx = 2 WHERE idx = 99",
        ),
    ] {
        let copy = TempDir::new().unwrap();
        for entry in fs::read_dir(rig.state()).unwrap().flatten() {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        let connection = log::open(copy.path());
        // Whoever may write the file can take its guards away.
        let mut triggers = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").unwrap();
        let names: Vec<String> = triggers.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let drops: Vec<String> = names.iter().map(|name| format!("DROP TRIGGER {name};")).collect();
        let drops = drops.concat();
        connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {drops} {statements}")).unwrap();
        drop(triggers);
        drop(connection);
        let changed = verify(copy.path());
        assert_eq!(changed.code, 1, "{what}: {changed:?}");
        if what != "dropped at the end" {
            let checked = std::panic::catch_unwind(|| log::verify(copy.path()));
            assert!(checked.is_err(), "{what}: the log is one chain");
        }
    }
}

#[test]
fn a_claim_that_passed_on_can_not_commit() {
    let dir = TempDir::new().unwrap();
    let (mut slow, mut quick) = (Db::open(dir.path(), "origin").unwrap(), Db::open(dir.path(), "ignored").unwrap());
    assert_eq!(quick.origin(), "origin", "the first process names the log");
    let late = now() + SignedDuration::from_hours(2);
    let first = claim(&mut slow, "slow", "web", now()).expect("nobody holds it");
    assert_eq!(claim(&mut quick, "quick", "web", now()), None, "held");
    let second = claim(&mut quick, "quick", "web", late).expect("the claim has run out");
    assert!(second > first);
    let commit = |record, fence| Commit { records: vec![record], fence, release: false, answers: None };
    let from_slow = record("origin", "web", Head::empty());
    assert!(!durable(&slow.commit(&[commit(from_slow, first)]).unwrap()[0]), "the claim has passed on");
    let from_quick = record("origin", "web", Head::empty());
    let head = from_quick.head();
    assert!(durable(&quick.commit(&[commit(from_quick.clone(), second)]).unwrap()[0]));
    // Not twice, not with a gap, not of another log.
    for wrong in [
        from_quick,
        record("origin", "web", Head { seq: head.seq + 1, ..head }),
        record("origin", "web", Head { seq: head.seq, ..Head::empty() }),
        record("elsewhere", "web", head),
    ] {
        assert!(!durable(&quick.commit(&[commit(wrong.clone(), second)]).unwrap()[0]), "{wrong:?}");
    }
    assert!(durable(&quick.commit(&[commit(record("origin", "web", head), second)]).unwrap()[0]));
    assert_eq!(log::verify(dir.path()), 2);
}

#[test]
fn a_claim_that_ran_out_but_did_not_pass_on_still_commits() {
    let dir = TempDir::new().unwrap();
    let mut db = Db::open(dir.path(), "origin").unwrap();
    let fence = claim(&mut db, "slow", "web", now() - SignedDuration::from_hours(9)).unwrap();
    let commit = Commit { records: vec![record("origin", "web", Head::empty())], fence, release: true, answers: None };
    assert!(durable(&db.commit(&[commit]).unwrap()[0]));
}

#[test]
fn a_group_is_one_transaction_and_each_commit_stands_for_itself() {
    let dir = TempDir::new().unwrap();
    let mut db = Db::open(dir.path(), "origin").unwrap();
    let names: Vec<String> = (0..50).map(|number| format!("web-{number}")).collect();
    let commits: Vec<Commit> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let fence = claim(&mut db, "me", name, now()).unwrap();
            // Every tenth has lost its claim.
            let fence = if number % 10 == 0 { fence - 1 } else { fence };
            Commit { records: vec![record("origin", name, Head::empty())], fence, release: true, answers: None }
        })
        .collect();
    let frames = || std::fs::metadata(dir.path().join("tecrax.db-wal")).unwrap().len();
    let before = frames();
    let outcomes = db.commit(&commits).unwrap();
    assert_eq!(outcomes.iter().filter(|outcome| durable(outcome)).count(), 45);
    assert!(!durable(&outcomes[0]) && durable(&outcomes[1]) && !durable(&outcomes[10]));
    assert!(frames() > before);
    assert_eq!(log::verify(dir.path()), 45);
    // Released with the commit: anybody may claim.
    assert!(claim(&mut db, "other", "web-1", now()).is_some());
    assert!(claim(&mut db, "other", "web-0", now()).is_none(), "a refused commit releases nothing");
}

#[tokio::test]
async fn the_runs_of_a_pass_share_few_transactions() {
    let rig = Rig::new();
    rig.write("fleet.yaml", &fleet(100));
    // A commit in WAL mode ends with one frame that names the size of the database.
    rig.once().await;
    let wal = std::fs::read(rig.state().join("tecrax.db-wal")).unwrap();
    let page = u32::from_be_bytes(wal[8..12].try_into().unwrap()) as usize;
    let commits = wal[32..].chunks(24 + page).filter(|frame| frame[4..8] != [0; 4]).count();
    // One claim per host is its own small transaction; the hundred runs must not be.
    assert!(commits < 100 + 60, "{commits} transactions for 100 runs and 100 claims");
    assert_eq!(log::verify(&rig.state()), 200);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let dir = TempDir::new().unwrap();
    drop(Db::open(dir.path(), "origin").unwrap());
    log::open(dir.path()).pragma_update(None, "user_version", 99).unwrap();
    for result in [Db::open(dir.path(), "origin"), Db::open_read_only(dir.path())] {
        match result {
            Err(StoreError::Newer { found: 99, known: 7, .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    let version: i64 = log::open(dir.path()).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn what_is_no_state_directory_is_said_with_its_path() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("file"), "x").unwrap();
    std::fs::create_dir(dir.path().join("garbage")).unwrap();
    std::fs::write(dir.path().join("garbage/tecrax.db"), vec![b'x'; 8192]).unwrap();
    for name in ["file", "garbage", "file/below"] {
        let path = dir.path().join(name);
        let error = Db::open(&path, "origin").expect_err(name);
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    assert!(matches!(Db::open_read_only(dir.path()), Err(StoreError::Empty { .. })));
}

#[test]
fn the_state_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = TempDir::new().unwrap();
    let state = dir.path().join("a/b");
    drop(Db::open(&state, "origin").unwrap());
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&state.join("tecrax.db"))), (0o700, 0o600));
}

#[test]
fn a_killed_process_leaves_a_log_that_still_verifies() {
    let home = Home::new();
    home.write("fleet.yaml", &local_fleet(200));
    let mut child = Command::new(env!("CARGO_BIN_EXE_tecrax"))
        .args(["reconcile", "--once", "manifests", "--state-dir"])
        .arg(home.state())
        .current_dir(home.dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(50);
    let size = || Db::open_read_only(&home.state()).and_then(|db| db.log_size()).unwrap_or(0);
    while size() == 0 {
        assert!(Instant::now() < deadline, "nothing was recorded");
        assert!(child.try_wait().unwrap().is_none(), "it ended before anything was recorded");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let left = log::verify(&home.state());
    assert!((2..400).contains(&left), "{left} of 400 records: the kill came too late to tell");
    // The next process goes on; what the dead one had claimed waits until the claims run out.
    let next = home.tecrax("reconcile --once manifests");
    assert_eq!(next.code, 2, "pairs that were never observed are unknown: {}", next.err);
    assert!(next.err.contains("left to another tecrax"), "{}", next.err);
    assert!(log::verify(&home.state()) >= left);
}
