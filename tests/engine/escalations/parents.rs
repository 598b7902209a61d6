//! Parents: a dead gateway is one matter.

use std::fmt::Write as _;

use super::{calling, changes, known, matter, sound, suppressed};
use crate::support::dead;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use tecrax::engine::reconcile;
use tecrax::plan::Mode;

/// Children behind the gateway.
const CHILDREN: usize = 10;
const BEHIND: &str = "  dependsOn: [{name: gw}]\n";

fn children(dead: bool) -> String {
    (0..CHILDREN).fold(String::new(), |mut text, index| {
        let name = format!("web-{index}");
        let child = if dead {
            dead::target(&name, BEHIND)
        } else {
            host(&name, Some(50)).replace("  type: Host\n", &format!("  type: Host\n{BEHIND}"))
        };
        let _ = write!(text, "{child}");
        text
    })
}

#[tokio::test]
async fn a_dead_gateway_with_ten_children_calls_once_and_so_does_its_return() {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("check.yaml", INVENTORY);
    rig.write("gw.yaml", &dead::target("gw", ""));
    rig.write("web.yaml", &children(true));
    let report = rig.once().await;
    assert_eq!(report.tally.ran, 11, "suppression is never of the checking");
    let calls = calling(&rig);
    assert!(calls.len() == 1 && calls[0].starts_with("gw."), "{calls:?}");
    assert_eq!(suppressed(&rig), ["ParentUnreachable gw"; CHILDREN]);
    let child = known(&rig).into_iter().find(|state| state.id.name.as_str().starts_with("web-3.")).unwrap();
    let context = &matter(&child).context;
    assert_eq!((context.parents[0].name.as_str(), context.parents[0].lost), ("gw", Some(true)));
    assert_eq!((context.others.len(), context.others_total), (8, 10), "nine children and the gateway, bounded");
    assert_eq!((&context.last_healthy, context.changes.len()), (&None, 0));

    // All come back: what was suppressed is resolved without a call.
    rig.write("gw.yaml", &host("gw", Some(50)));
    rig.write("web.yaml", &children(false));
    rig.again().await;
    assert!(calling(&rig).is_empty() && known(&rig).iter().all(|state| !state.is_open()), "resolves are never suppressed");
    assert_eq!(changes(&rig).iter().filter(|change| change.starts_with("resolved")).count(), 11);
    assert!(changes(&rig).iter().all(|change| !change.starts_with("unsuppressed")));
    sound(&rig);
}

#[tokio::test]
async fn a_child_that_is_still_lost_after_its_parent_is_back_calls_after_one_more_look() {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("check.yaml", INVENTORY);
    rig.write("gw.yaml", &dead::target("gw", ""));
    rig.write("web.yaml", &dead::target("web", BEHIND));
    rig.once().await;
    assert_eq!(suppressed(&rig), ["ParentUnreachable gw"]);
    // Only the gateway is looked at: its spec is another.
    rig.pass(60);
    rig.write("gw.yaml", &host("gw", Some(50)));
    rig.once().await;
    assert!(calling(&rig).is_empty(), "the child was last looked at while its parent was lost");
    assert_eq!(suppressed(&rig), ["ParentUnreachable gw"]);
    rig.pass(240);
    rig.once().await;
    let calls = calling(&rig);
    assert!(calls.len() == 1 && calls[0].starts_with("web."), "{calls:?}");
    sound(&rig);
}

#[tokio::test]
async fn a_dead_bastion_is_one_matter_whether_or_not_it_is_declared_a_parent() {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("check.yaml", INVENTORY);
    rig.write("bastion.yaml", &dead::target("bastion", ""));
    rig.write("web.yaml", &format!("{}{}", dead::behind("web", "bastion"), dead::behind("api", "bastion")));
    rig.once().await;
    let calls = calling(&rig);
    assert!(calls.len() == 1 && calls[0].starts_with("bastion."), "{calls:?}");
    assert_eq!(suppressed(&rig), ["ParentUnreachable bastion"; 2]);
    let web = known(&rig).into_iter().find(|state| state.id.name.as_str().starts_with("web.")).unwrap();
    let parents = &matter(&web).context.parents;
    assert_eq!((parents.len(), parents[0].name.as_str(), parents[0].lost), (1, "bastion", Some(true)));
    rig.write("bastion.yaml", &host("bastion", Some(50)));
    rig.write("web.yaml", &format!("{}{}", host("web", Some(50)), host("api", Some(50))));
    rig.again().await;
    assert!(known(&rig).iter().all(|state| !state.is_open()), "resolves are never suppressed");
    assert!(changes(&rig).iter().all(|change| !change.starts_with("unsuppressed")));
    sound(&rig);
}

/// A gateway that is looked at every `interval` and was well; five minutes later a child of it is lost.
async fn lost_beside_a_gateway_of(interval: &str) -> Rig {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    let slow = INVENTORY.replace("name: inventory}", "name: slow}").replace("site: lab", "site: gate");
    rig.write("check.yaml", INVENTORY);
    rig.write("slow.yaml", &format!("{slow}  interval: {interval}\n"));
    rig.write("gw.yaml", &host("gw", Some(50)).replace("site: lab", "site: gate"));
    rig.write("web.yaml", &children(false));
    rig.once().await;
    rig.pass(300);
    rig.write("web.yaml", &dead::target("web-0", BEHIND));
    rig.once().await;
    rig
}

#[tokio::test]
async fn a_lost_child_waits_until_its_parent_is_looked_at() {
    // The gateway is due in five minutes more.
    let mut rig = lost_beside_a_gateway_of("10m").await;
    assert!(calling(&rig).is_empty());
    assert_eq!(suppressed(&rig), ["AwaitingParent gw"]);
    rig.pass(300);
    rig.once().await;
    let calls = calling(&rig);
    assert!(calls.len() == 1 && calls[0].starts_with("web-0."), "the gateway answers: {calls:?}");
    assert_eq!(changes(&rig), ["opened web-0", "unsuppressed web-0"]);
    sound(&rig);
}

#[tokio::test]
async fn a_parent_that_is_rarely_looked_at_is_awaited_for_one_more_look_at_the_child() {
    let mut rig = lost_beside_a_gateway_of("8760h").await;
    assert_eq!(suppressed(&rig), ["AwaitingParent gw"]);
    rig.again().await;
    assert_eq!(suppressed(&rig), ["AwaitingParent gw"], "the look takes its time");
    rig.again().await;
    let calls = calling(&rig);
    assert!(calls.len() == 1 && calls[0].starts_with("web-0."), "{calls:?}");
    sound(&rig);
}

#[tokio::test]
async fn a_child_that_answers_calls_whatever_its_parent_does() {
    let rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("check.yaml", INVENTORY);
    rig.write("gw.yaml", &dead::target("gw", ""));
    rig.write("web.yaml", &host("web", Some(95)).replace("  type: Host\n", &format!("  type: Host\n{BEHIND}")));
    rig.once().await;
    let calls = calling(&rig);
    assert!(calls.len() == 2 && calls[1].starts_with("web."), "its disk is full: {calls:?}");
    sound(&rig);
}

#[tokio::test]
async fn a_lost_grandparent_behind_a_parent_that_answers_explains_nothing() {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    let gw = |dead: bool| {
        let behind = "  dependsOn: [{name: core}]\n";
        if dead {
            dead::target("gw", behind)
        } else {
            host("gw", Some(50)).replace("  type: Host\n", &format!("  type: Host\n{behind}"))
        }
    };
    rig.write("check.yaml", INVENTORY);
    rig.write("core.yaml", &dead::target("core", ""));
    rig.write("gw.yaml", &gw(false));
    rig.write("web.yaml", &dead::target("web", BEHIND));
    rig.once().await;
    let calls = calling(&rig);
    assert!(calls.len() == 2 && calls[0].starts_with("core.") && calls[1].starts_with("web."), "{calls:?}");
    // It is one matter as soon as the way is cut from end to end.
    rig.write("gw.yaml", &gw(true));
    rig.again().await;
    assert_eq!(suppressed(&rig), ["ParentUnreachable core", "ParentUnreachable gw"]);
    sound(&rig);
}

const ONLY_GW: &str = "\
apiVersion: tecrax.io/v1alpha1
kind: Policy
metadata: {name: no-gate}
spec:
  targetSelector: {matchLabels: {role: gate}}
  rules: [{name: nothing, effect: Deny, reasonCode: no_gate}]
";

fn gate(text: &str) -> String {
    text.replace("labels: {site: lab", "labels: {role: gate, site: lab")
}

#[tokio::test]
async fn a_parent_that_policy_keeps_from_being_looked_at_holds_nobody_back() {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("check.yaml", INVENTORY);
    rig.write("gw.yaml", &gate(&dead::target("gw", "")));
    rig.write("web.yaml", &dead::target("web", BEHIND));
    rig.once().await;
    assert_eq!(suppressed(&rig), ["ParentUnreachable gw"]);
    rig.write("policy.yaml", ONLY_GW);
    rig.again().await;
    let calls = calling(&rig);
    assert!(calls.iter().any(|name| name.starts_with("web.")), "{calls:?}");
    sound(&rig);
}

#[tokio::test]
async fn a_parent_that_nobody_looks_at_any_more_holds_back_for_two_turns() {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &dead::target("web", BEHIND));
    // Somebody looks at the gateway once, from another folder: what that wants stays known.
    let elsewhere = rig.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    dead::key(&elsewhere);
    let other = INVENTORY.replace("name: inventory}", "name: other}");
    std::fs::write(elsewhere.join("gw.yaml"), format!("{other}{}", dead::target("gw", ""))).unwrap();
    reconcile(&rig.engine, &[elsewhere], Mode::Once).await.unwrap();
    rig.write("gw.yaml", &dead::target("gw", "  suspend: true\n"));
    rig.once().await;
    assert_eq!(suppressed(&rig), ["ParentUnreachable gw"]);
    rig.again().await;
    assert_eq!(suppressed(&rig), ["ParentUnreachable gw"], "it may be late");
    rig.again().await;
    rig.again().await;
    let calls = calling(&rig);
    assert!(calls.iter().any(|name| name.starts_with("web.")), "{calls:?}");
    sound(&rig);
}
