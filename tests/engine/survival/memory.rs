//! Memory after many passes.

use std::fs;

use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use crate::support::living::number;
use crate::support::log;

/// Passes before the first measurement, and ten times that before the second.
const PASSES: u64 = 200;

/// Kilobytes of memory that the process holds.
fn held() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// `TECRAX_PASSES=10000 cargo nextest run --test engine survival::memory` goes to 100,000.
#[tokio::test]
async fn ten_times_as_many_passes_take_no_more_memory() {
    let passes = number("TECRAX_PASSES", PASSES);
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    let mut first = 0;
    for pass in 1..=10 * passes {
        // A host flaps, so that matters open and end; another one comes and goes.
        if pass % 10 == 1 {
            rig.write("web.yaml", &host("web", Some(if pass % 20 == 1 { 95 } else { 50 })));
            if pass % 20 == 1 {
                rig.write("guest.yaml", &host("guest", Some(50)));
            } else {
                rig.remove("guest.yaml");
            }
        }
        rig.pass(300);
        rig.once().await;
        rig.take_events();
        if pass == passes {
            first = held();
        }
    }
    let last = held();
    assert!(last * 10 <= first * 11, "{first} kB after {passes} passes, {last} kB after {}", 10 * passes);
    log::verify(&rig.state());
}
