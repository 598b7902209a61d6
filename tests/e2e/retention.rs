//! A daemon holds its state directory within the budget that it is given, by itself.

use std::fs;
use std::path::Path;

use crate::support::cli::Home;
use crate::support::engine::Rig;
use crate::support::hosts::fleet;
use crate::support::living::{Living, nothing_is_stuck, sound};
use tecrax::store::Db;

const BUDGET: u64 = 4_000_000;

/// Bytes of every file of a directory.
fn bytes(directory: &Path) -> u64 {
    fs::read_dir(directory).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

#[tokio::test]
async fn a_daemon_holds_its_state_directory_within_the_budget() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(40).replace("spec:\n  intent", "spec:\n  interval: 1s\n  intent"));
    while bytes(&rig.state()) < 2 * BUDGET {
        rig.pass(60);
        assert_eq!(rig.once().await.tally.ran, 40);
    }
    rig.engine.store().close().await;
    let home = Home { dir: rig.dir };
    let state = home.state();
    let records = Db::open_read_only(&state).unwrap().log_size().unwrap();
    let mut daemon = Living::start(&home, "daemon", &["--retain=forever", "--retain-bytes=4MB"]);
    daemon.until("it has dropped what does not fit", 60, || bytes(&state) <= BUDGET);
    assert!(daemon.told().contains("old evidence dropped and sealed"), "{}", daemon.told());
    // It goes on, and whatever it writes fits.
    let most = std::cell::Cell::new(0);
    daemon.until("it goes on", 60, || {
        most.set(bytes(&state).max(most.get()));
        Db::open_read_only(&state).unwrap().log_size().unwrap() > records + 600
    });
    assert!(most.get() <= BUDGET, "{} bytes", most.get());
    assert_eq!(daemon.stop().0, Some(0));
    assert!(bytes(&state) <= BUDGET);
    sound(&state, "afterwards");
    nothing_is_stuck(&home, &state, 40).await;
}
