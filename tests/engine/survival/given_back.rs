//! Claims that can not be given back for a while.

use std::time::{Duration, Instant};

use tecrax::engine::reconcile;
use tecrax::plan::Mode;
use tempfile::TempDir;

use crate::scheduling::turning::Turning;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;

const PATIENCE: Duration = Duration::from_secs(20);

fn named(name: &str) -> String {
    INVENTORY.replace("name: inventory", &format!("name: {name}"))
}

/// Waits until the pair has run so often; the loop looks at the clock meanwhile.
async fn until(rig: &Rig, daemon: &Turning, name: &str, runs: u64) {
    let began = Instant::now();
    while rig.pair(name).runs < runs {
        assert!(began.elapsed() < PATIENCE, "{name} has run {} times, not {runs}", rig.pair(name).runs);
        daemon.engine.rescan();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_claim_that_can_not_be_given_back_takes_no_other_with_it_and_is_given_back_later() {
    let mut rig = Rig::new();
    rig.write("a.yaml", &named("a"));
    rig.write("b.yaml", &named("b"));
    rig.write("web.yaml", &host("web", Some(50)));
    let mut daemon = Turning::start(&rig, "daemon");
    daemon.ran().await;
    daemon.ran().await;
    rig.pass(600);
    // Both are due, and another process has just run one of them when the daemon comes by.
    let elsewhere = TempDir::new().unwrap();
    std::fs::write(elsewhere.path().join("b.yaml"), format!("{}{}", named("b"), host("web", Some(50)))).unwrap();
    let other = reconcile(&rig.other("other"), &[elsewhere.path().to_owned()], Mode::Once).await.unwrap();
    assert_eq!(other.tally.ran, 1);
    let broken = log::open(&rig.state());
    broken
        .execute_batch(
            "CREATE TRIGGER full BEFORE UPDATE ON claims WHEN NEW.expires_ms = 0 AND OLD.pair = 'default/b.web'
             BEGIN SELECT RAISE(FAIL, 'no room for this'); END",
        )
        .unwrap();
    until(&rig, &daemon, "a.web", 2).await;
    broken.execute_batch("DROP TRIGGER full").unwrap();
    rig.pass(600);
    until(&rig, &daemon, "b.web", 3).await;
    daemon.end().await;
    let left: i64 = broken.query_row("SELECT count(*) FROM claims WHERE expires_ms > 0", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}
