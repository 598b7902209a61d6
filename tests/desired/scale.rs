//! The desired stage grows with the manifests, not with their square.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::support::manifests::snapshot;
use crate::support::profile::{Copy, known};
use tecrax::desired::build;
use tecrax::profile::Profile;
use tecrax::source::Snapshot;

/// `n` Targets behind one jump host and `n` Checks that each select one of them by label.
fn fleet(n: usize) -> Snapshot {
    let mut text =
        String::from("kind: Target\nmetadata: {name: jump}\nspec: {type: Host, connections: [{name: os, ssh: {host: jump}}]}\n");
    for index in 0..n {
        write!(
            text,
            "---\nkind: Target\nmetadata: {{name: t{index}, labels: {{id: i{index}, os: ubuntu}}}}\nspec: {{type: Host, connections: [{{name: os, ssh: {{host: t{index}.net, user: probe, viaRefs: [{{name: jump}}]}}}}]}}\n---\nkind: Check\nmetadata: {{name: c{index}}}\nspec: {{intent: check_ntp_health, targetSelector: {{matchLabels: {{os: ubuntu, id: i{index}}}}}, interval: 5m}}\n"
        )
        .unwrap();
    }
    snapshot(&text)
}

fn fastest(snapshot: &Snapshot, profile: &Profile) -> Duration {
    (0..3)
        .map(|_| {
            let start = Instant::now();
            let desired = build(snapshot, profile, &|_, _| Ok(()));
            let took = start.elapsed();
            assert_eq!((desired.pairs.len(), desired.problems.len()), (desired.checks.len(), 0));
            took
        })
        .min()
        .unwrap()
}

#[test]
fn time_grows_with_the_fleet_and_not_with_its_square() {
    let copy = Copy::new();
    let profile = Profile::load(copy.path(), &known).expect("a valid profile");
    let (small, large) = (fleet(250), fleet(2_000));
    let (small, large) = (fastest(&small, &profile), fastest(&large, &profile));
    // Linear is 8; a square would be 64.
    assert!(large < small * 24, "250: {small:?}, 2,000: {large:?}");
}
