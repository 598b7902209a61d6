//! Clocks that step under a daemon: neither a burst nor silence.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use tecrax::engine::{Event, Listener, watch};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::support::engine::Rig;
use crate::support::hosts::fleet;
use crate::support::log;

const HOSTS: usize = 7;
/// Of the Check, in seconds.
const INTERVAL: i64 = 300;

/// A little time passes: much of the virtual one, and as much of the real one as the thread of the store may need.
async fn a_while() {
    sleep(Duration::from_millis(400)).await;
    tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(2))).await.unwrap();
}

/// Waits until so many runs were told.
async fn told(runs: &AtomicUsize, wanted: usize, what: &str) {
    for _ in 0..5_000 {
        if runs.load(Ordering::SeqCst) >= wanted {
            return;
        }
        a_while().await;
    }
    panic!("{what}: {} runs, not {wanted}", runs.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn a_daemon_whose_clock_steps_runs_every_pair_once_and_goes_on() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(HOSTS));
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let listener: Listener = Arc::new(move |event| {
        if matches!(event, Event::Ran { .. }) {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let daemon = rig.listening("daemon", listener);
    let (end, paths) = (Arc::new(Notify::new()), rig.manifests());
    let ends = Arc::clone(&end);
    let watching = tokio::spawn(async move { watch(&daemon, &paths, ends.notified()).await.map_err(|error| error.to_string()) });
    let mut wanted = HOSTS;
    told(&runs, wanted, "what is missing runs").await;
    let hour = 3_600;
    // After a run that has no slot the next slot is half an interval away at least, and one and a half at most.
    for (step, why) in [
        (24 * hour, "a day forward"),
        (-hour, "an hour back"),
        (INTERVAL * 3 / 2, "an interval and a half pass"),
        (-2 * hour, "two hours back"),
        (INTERVAL * 3 / 2, "an interval and a half pass"),
        (9 * hour, "a night of sleep"),
        (INTERVAL * 3 / 2, "an interval and a half pass"),
    ] {
        rig.pass(step);
        wanted += HOSTS;
        told(&runs, wanted, why).await;
        // Nothing follows: the clock stands.
        for _ in 0..200 {
            a_while().await;
        }
        assert_eq!(runs.load(Ordering::SeqCst), wanted, "{why}: a burst");
    }
    end.notify_one();
    watching.await.unwrap().unwrap();
    log::verify(&rig.state());
    let claims: i64 =
        log::open(&rig.state()).query_row("SELECT count(*) FROM claims WHERE expires_ms > 0", [], |row| row.get(0)).unwrap();
    assert_eq!(claims, 0, "nothing is left claimed");
}

/// The claims of a process that died, under a clock that steps: they end at their time at the latest, whatever the clock does.
#[tokio::test]
async fn the_pairs_of_a_dead_process_are_free_after_any_step() {
    for step in [-3 * 3_600, -3_600, 0, 86_400] {
        let mut rig = Rig::new();
        rig.write("fleet.yaml", &fleet(HOSTS));
        rig.once().await;
        rig.pass(INTERVAL);
        let dead = rig.other("dead");
        let pairs: Vec<_> = (0..HOSTS)
            .map(|index| tecrax::api::PairId::parse(&format!("default/inventory.web-{index:03}")).unwrap())
            .map(|pair| (pair, SignedDuration::from_secs(90)))
            .collect();
        let at = rig.at;
        assert_eq!(dead.store().claim("dead".to_owned(), move || at, pairs).await.unwrap().len(), HOSTS);
        rig.pass(step);
        let mut ran = 0;
        let mut waited = 0;
        while ran < HOSTS as u64 {
            ran += rig.once().await.tally.ran;
            assert!(waited <= step.min(0).abs() + INTERVAL + 300, "after a step of {step} s they are stuck");
            rig.pass(150);
            waited += 150;
        }
        assert_eq!(ran, HOSTS as u64, "after a step of {step} s");
        log::verify(&rig.state());
    }
}
