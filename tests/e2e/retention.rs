//! A daemon holds its state directory within the budget that it is given, by itself.

use std::fs;
use std::path::Path;

use crate::support::cli::Home;
use crate::support::engine::Rig;
use crate::support::hosts::fleet;
use crate::support::living::{Living, nothing_is_stuck, sound};
use tecrax::store::Db;

const BUDGET: u64 = 3_000_000;
/// Before the daemon starts.
const RECORDS: u64 = 3_600;
const HOSTS: u64 = 6;

/// Bytes of every file of a directory.
fn bytes(directory: &Path) -> u64 {
    fs::read_dir(directory).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

#[tokio::test]
async fn a_daemon_holds_its_state_directory_within_the_budget() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(6).replace("spec:\n  intent", "spec:\n  interval: 1s\n  intent"));
    // More than may stay.
    for _ in 0..RECORDS / (2 * HOSTS) {
        rig.pass(60);
        assert_eq!(rig.once().await.tally.ran, HOSTS);
    }
    rig.engine.store().close().await;
    let home = Home { dir: rig.dir };
    let state = home.state();
    let records = Db::open_read_only(&state).unwrap().log_size().unwrap();
    assert_eq!(records, RECORDS);
    assert!(bytes(&state) > BUDGET * 5 / 4, "{} bytes", bytes(&state));
    let mut daemon = Living::start(&home, "daemon", &["--retain=forever", "--retain-bytes=3MB"]);
    daemon.until("it has dropped what does not fit", 60, || {
        bytes(&state) <= BUDGET
            && fs::read_to_string(home.path("daemon.log")).unwrap().contains("old evidence dropped and sealed")
    });
    // It goes on, and whatever it writes fits.
    let most = std::cell::Cell::new(0);
    daemon.until("it goes on", 60, || {
        most.set(bytes(&state).max(most.get()));
        Db::open_read_only(&state).unwrap().log_size().unwrap() > records + 60
    });
    assert!(most.get() <= BUDGET, "{} bytes", most.get());
    assert_eq!(daemon.stop().0, Some(0));
    assert!(bytes(&state) <= BUDGET);
    sound(&state, "afterwards");
    nothing_is_stuck(&home, &state, HOSTS).await;
}
