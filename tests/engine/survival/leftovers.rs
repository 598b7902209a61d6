//! What a process that is killed in a commit leaves in the write-ahead log.

use std::fs;
use std::io::Write as _;

use tecrax::store::{StoreError, VerifyOptions, verify};

use crate::support::engine::Rig;
use crate::support::hosts::fleet;
use crate::support::log;

const HEADER: usize = 32;
const FRAME: usize = 24 + 8_192;

#[tokio::test]
async fn frames_of_a_killed_transaction_are_no_damage() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(3));
    rig.once().await;
    let file = rig.state().join("tecrax.db-wal");
    let frames = fs::read(&file).unwrap().split_off(HEADER);
    assert!(frames.len() > 2 * FRAME);
    // A long transaction was killed before its end, and a shorter one has written over its first frames: of the others the first fits
    // nothing any more.
    fs::File::options().append(true).open(&file).unwrap().write_all(&frames[..2 * FRAME]).unwrap();
    let report = verify(&rig.state(), &VerifyOptions::default()).unwrap();
    assert!(report.is_sound(), "{:?}", report.defects);
    rig.again().await;
    let report = verify(&rig.state(), &VerifyOptions::default()).unwrap();
    assert!(report.is_sound(), "{:?}", report.defects);
    log::verify(&rig.state());
    // What is committed is missed as before.
    rig.engine.store().close().await;
    let mut bytes = fs::read(&file).unwrap();
    bytes[HEADER + FRAME + 500] ^= 1;
    fs::write(&file, bytes).unwrap();
    // The change is in the first transaction, so SQLite finds an empty database: what is told is what that leaves out.
    let Err(StoreError::Damaged { what }) = verify(&rig.state(), &VerifyOptions::default()) else {
        panic!("a changed frame is found");
    };
    let said = "frames of the write-ahead log were committed, and only 0 can be read; without it: no evidence in";
    assert!(what.contains(said), "{what}");
}
