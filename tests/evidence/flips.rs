//! One flipped bit anywhere in a state directory: verification finds it, or nothing that anybody reads changes.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use crate::support::cases::cases;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host};
use crate::support::log;
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tecrax::store::{Db, Prune, RecordFilter, RetentionPolicy, StoreError, VerifyOptions, verify};
use tempfile::TempDir;

const FILES: [&str; 4] = ["tecrax.db", "tecrax.db-wal", "tecrax.db-shm", "checkpoint"];

/// Everything that any command reads.
fn everything(state: &Path) -> Result<Vec<String>, StoreError> {
    let db = Db::open_read_only(state)?;
    let mut read = vec![db.origin().to_owned(), format!("{:?}", db.tree_head()?)];
    read.push(format!("{:?}", db.states()?.into_iter().collect::<BTreeMap<_, _>>()));
    for kind in ["Pair", "Target", "Check"] {
        read.push(format!("{:?}", db.desired(kind)?));
    }
    read.push(format!("{:?}", db.objects()?.into_iter().collect::<BTreeMap<_, _>>()));
    read.push(format!("{:?} {:?}", db.checkpoints()?, db.verifier_keys()?));
    read.push(fs::read_to_string(state.join("checkpoint")).unwrap_or_default());
    let mut records = Vec::new();
    db.records(&RecordFilter::default(), |record| {
        records.push(record);
        ControlFlow::Continue(())
    })?;
    for record in records {
        let found = db.record(&record.header.subject, record.header.seq)?;
        let parts: Vec<_> = db.parts(&record)?.parts;
        read.push(format!("{record:?} {} {parts:?}", found.is_some_and(|found| found.index == record.index)));
    }
    Ok(read)
}

fn copy(from: &Path) -> TempDir {
    let dir = TempDir::new().unwrap();
    for name in FILES {
        if from.join(name).exists() {
            fs::copy(from.join(name), dir.path().join(name)).unwrap();
        }
    }
    dir
}

/// Flips many single bits, one copy each.
fn flip(state: &Path, each: u32) {
    let files: Vec<(&str, usize)> = FILES
        .into_iter()
        .filter_map(|name| Some((name, usize::try_from(fs::metadata(state.join(name)).ok()?.len()).unwrap())))
        .filter(|(_, length)| *length > 0)
        .collect();
    let sound = copy(state);
    assert_eq!(verify(sound.path(), &VerifyOptions::default()).unwrap().defects.list(), []);
    let before = everything(sound.path()).unwrap();
    let found = std::cell::Cell::new(0);
    let strategy = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..8_u8);
    let mut runner = TestRunner::new(Config { cases: cases(each), failure_persistence: None, ..Config::default() });
    runner
        .run(&strategy, |(file, at, bit)| {
            let (name, length) = files[file.index(files.len())];
            let dir = copy(state);
            let mut bytes = fs::read(dir.path().join(name)).unwrap();
            let at = at.index(length);
            bytes[at] ^= 1 << bit;
            fs::write(dir.path().join(name), bytes).unwrap();
            if verify(dir.path(), &VerifyOptions::default()).is_ok_and(|report| report.is_sound()) {
                let after = everything(dir.path());
                prop_assert!(after.is_ok(), "{name} byte {at} bit {bit}: {after:?}");
                let after = after.unwrap();
                let changed = before.iter().zip(&after).find(|(before, after)| before != after);
                prop_assert!(changed.is_none() && before.len() == after.len(), "{name} byte {at} bit {bit}: {changed:?}");
            } else {
                found.set(found.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    // Most bytes mean something.
    assert!(found.get() > cases(each) / 8, "only {} of {} were found", found.get(), cases(each));
}

fn sign(rig: &Rig) {
    let mut db = Db::open(&rig.state(), "x").unwrap();
    let key = db.checkpoint_key(None).unwrap();
    db.checkpoint(&key, rig.at).unwrap();
    db.close();
}

#[tokio::test]
async fn in_a_directory_as_a_pass_leaves_it() {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    rig.write("db.yaml", &host("db", Some(95)));
    rig.once().await;
    sign(&rig);
    rig.again().await;
    sign(&rig);
    // The last thing written is what the manifests want, which no record covers.
    rig.write("mail.yaml", "");
    rig.write("more.yaml", "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: idle}\nspec: {type: Host}\n");
    rig.once().await;
    rig.engine.store().close().await;
    flip(&rig.state(), 400);
}

#[tokio::test]
async fn in_a_database_without_a_write_ahead_log_after_retention() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(45));
    for _ in 0..4 {
        rig.again().await;
        sign(&rig);
    }
    let mut db = Db::open(&rig.state(), "x").unwrap();
    let policy = RetentionPolicy { max_age: Some(SignedDuration::from_mins(4)), max_bytes: None };
    assert!(db.prune(&policy, Prune::Now, rig.at).unwrap().is_some());
    sign(&rig);
    rig.engine.store().close().await;
    db.close();
    log::open(&rig.state()).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    flip(&rig.state(), 200);
}
