//! Clocks that step, and machines that sleep.

use std::collections::BTreeMap;

use super::turning::Turning;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;

const HOSTS: usize = 12;

/// A dozen hosts, looked at every five minutes.
fn rig() -> Rig {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    for number in 0..HOSTS {
        rig.write(&format!("h{number}.yaml"), &host(&format!("h{number}"), Some(50)));
    }
    rig
}

/// Ten minutes in steps of ten seconds: how often each pair ran.
async fn ten_minutes(rig: &mut Rig, daemon: &mut Turning) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for _ in 0..60 {
        rig.pass(10);
        for (pair, runs) in daemon.turn().await {
            *all.entry(pair).or_default() += runs;
        }
    }
    all
}

#[tokio::test]
async fn a_step_of_the_clock_and_a_sleep_of_the_machine_cause_one_run_each_and_then_the_old_rhythm() {
    let mut rig = rig();
    let mut daemon = Turning::start(&rig, "daemon");
    let first = daemon.turn_until(HOSTS).await;
    assert_eq!((first.len(), first.values().sum::<usize>()), (HOSTS, HOSTS), "{first:?}");
    for step in [8 * 3600, -2 * 3600, 40 * 86_400, -86_400] {
        // To a running process a machine that slept looks like a clock that was set.
        rig.pass(step);
        let at_once = daemon.turn_until(HOSTS).await;
        assert_eq!((at_once.len(), at_once.values().sum::<usize>()), (HOSTS, HOSTS), "{step} s: {at_once:?}");
        let after = ten_minutes(&mut rig, &mut daemon).await;
        assert_eq!(after.len(), HOSTS, "{step} s: silence after it: {after:?}");
        assert!(after.values().all(|runs| (1..=2).contains(runs)), "{step} s: a burst after it: {after:?}");
    }
    daemon.end().await;
    log::verify(&rig.state());
}

#[tokio::test]
async fn what_was_missed_in_a_sleep_is_recorded_as_a_gap() {
    let mut rig = rig();
    let mut daemon = Turning::start(&rig, "daemon");
    daemon.turn_until(HOSTS).await;
    rig.pass(3600);
    daemon.turn_until(HOSTS).await;
    daemon.end().await;
    let runs = log::runs(&rig.state(), "default/inventory.h3");
    assert_eq!(runs.len(), 2);
    let gap = &runs[1]["gap"];
    assert_eq!((gap["slots"].as_u64(), gap["reason"].as_str()), (Some(11), Some("Late")), "{gap}");
}
