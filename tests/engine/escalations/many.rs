//! Mass failure: a network cut is one matter, and so is one finding everywhere.

use std::fmt::Write as _;

use super::{calling, changes, known, matter, sound, suppressed};
use crate::support::dead;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host};

fn targets(number: usize, one: impl Fn(&str) -> String) -> String {
    (0..number).fold(INVENTORY.to_owned(), |mut text, index| {
        let _ = write!(text, "{}", one(&format!("web-{index:03}")));
        text
    })
}

#[tokio::test]
async fn a_cut_of_twelve_targets_calls_once() {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("fleet.yaml", &fleet(12));
    rig.once().await;
    rig.write("fleet.yaml", &targets(12, |name| dead::target(name, "")));
    rig.again().await;
    let calls = calling(&rig);
    assert!(calls.len() == 1 && calls[0].starts_with("group."), "{calls:?}");
    assert_eq!(suppressed(&rig), vec![format!("PartOfGroup {}", calls[0]); 12]);
    let group = known(&rig).into_iter().find(|state| matter(state).target.is_none()).unwrap();
    let members = matter(&group).members.as_ref().unwrap();
    assert_eq!((members.names.len(), members.total, members.of), (12, 12, 12));
    assert_eq!(matter(&group).finding.reason_code, "MassFailure");
    assert_eq!(matter(&group).summary, "12 of 12 targets give no answer since 12:05Z: web-000, web-001, web-002 and 9 more");

    // Most are back: the group stands no more, and whoever was left is looked at once more before anybody is called.
    let back = |name: &str| if name < "web-002" { dead::target(name, "") } else { host(name, Some(50)) };
    rig.write("fleet.yaml", &targets(12, back));
    rig.again().await;
    assert!(changes(&rig).contains(&"resolved group".to_owned()));
    let calls = calling(&rig);
    assert!(calls.len() <= 2 && calls.iter().all(|name| name.starts_with("web-00")), "{calls:?}");
    rig.again().await;
    assert_eq!(calling(&rig).len(), 2, "two hosts are really dead");
    sound(&rig);
}

#[tokio::test]
async fn four_lost_targets_are_four_matters() {
    let rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("fleet.yaml", &targets(4, |name| dead::target(name, "")));
    rig.once().await;
    assert_eq!((calling(&rig).len(), suppressed(&rig).len()), (4, 0));
}

#[tokio::test]
async fn one_finding_on_twenty_targets_is_one_matter_and_on_nineteen_is_not() {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("fleet.yaml", &targets(19, |name| host(name, Some(95))));
    rig.once().await;
    assert_eq!((calling(&rig).len(), suppressed(&rig).len()), (19, 0));
    rig.write("fleet.yaml", &targets(20, |name| host(name, Some(95))));
    rig.once().await;
    let calls = calling(&rig);
    assert!(calls.len() == 1 && calls[0].starts_with("group."), "{calls:?}");
    assert_eq!(suppressed(&rig).len(), 20);
    // It stays one matter while it recovers.
    let half = |name: &str| host(name, Some(if name < "web-012" { 95 } else { 50 }));
    rig.write("fleet.yaml", &targets(20, half));
    rig.again().await;
    assert_eq!((calling(&rig), suppressed(&rig).len()), (calls, 12));
    sound(&rig);
}
