//! `tecrax explain`, section Escalations: because of what nobody is called, when that ends, and what happened to each.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tecrax::engine::reconcile;
use tecrax::evidence::{Place, seal_escalation};
use tecrax::plan::Mode;
use tecrax::reaction::escalation::{Acknowledgement, acknowledge};
use tecrax::secrets::Redactor;
use tecrax::store::Db;

use super::known;
use crate::support::cli::Home;
use crate::support::dead;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host};

const BEHIND: &str = "  dependsOn: [{name: gw}]\n";
const LOST: &str = "nobody is called: gw (dependsOn) gives no answer; ends with the next run here after it answers\n";

/// A home with the inventory Check and these files, after one pass.
fn home(files: &[(&str, String)]) -> Home {
    let home = Home::new();
    dead::key(&home.path("manifests"));
    home.write("check.yaml", INVENTORY);
    for (name, text) in files {
        home.write(name, text);
    }
    home.once();
    home
}

fn text(home: &Home, pair: &str) -> String {
    let told = home.run(["explain", pair]);
    assert_eq!(told.code, 0, "{told:?}");
    told.out
}

/// The Escalations of the pair's story.
fn json(home: &Home, pair: &str) -> Vec<Value> {
    let told = home.run(["explain", pair, "-o", "json"]);
    let story: Value = serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{told:?}"));
    story["escalations"].as_array().unwrap().clone()
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap_or_else(|| panic!("{value}")).parse().unwrap()
}

/// A rig whose clock shows what that of this machine showed so many minutes ago: `tecrax` reads the latter.
fn ago(minutes: i64) -> Rig {
    let mut rig = Rig::new();
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    rig.at = now - SignedDuration::from_mins(minutes);
    rig.clock.set(rig.at);
    dead::key(&rig.manifests()[0]);
    rig
}

/// A home on the state directory of a rig.
fn on(rig: &Rig) -> Home {
    let home = Home::new();
    std::os::unix::fs::symlink(rig.state(), home.state()).unwrap();
    home
}

#[test]
fn while_the_parent_is_lost_nothing_ends_by_time() {
    let home = home(&[("gw.yaml", dead::target("gw", "")), ("web.yaml", dead::target("web", BEHIND))]);
    let told = text(&home, "observation/inventory.web");
    assert!(told.contains(LOST) && !told.contains("at the latest"), "{told}");
    assert!(told.contains("nobody is called (above); over when 1 run in a row can see"), "{told}");
    assert!(!told.contains("a person was called"), "{told}");
    let web = &json(&home, "inventory.web")[0];
    assert_eq!(web["suppressed"], serde_json::json!({"reason": "ParentUnreachable", "by": "gw", "until": null}));
    assert!(web["held"][0].as_str().unwrap().starts_with("gw (dependsOn) gives no answer"), "{web}");
    assert_eq!(web["changes"][0]["suppressed"]["by"], "gw");

    let told = text(&home, "inventory.gw");
    assert!(told.contains("a person was called; over when") && !told.contains("nobody is called"), "{told}");
    let gw = &json(&home, "inventory.gw")[0];
    assert_eq!((&gw["suppressed"], gw["held"].as_array().unwrap().len()), (&Value::Null, 0));
}

#[test]
fn after_the_parent_is_back_it_ends_with_the_next_run() {
    let home = home(&[("gw.yaml", dead::target("gw", "")), ("web.yaml", dead::target("web", BEHIND))]);
    // Only the gateway is looked at: its spec is another.
    home.write("gw.yaml", &host("gw", Some(50)));
    home.once();
    let told = text(&home, "inventory.web");
    let latest = "nobody is called: gw (dependsOn) gave no answer until now; ends with the next run here, at the latest at 20";
    assert!(told.contains(latest), "{told}");
    let until = instant(&json(&home, "inventory.web")[0]["suppressed"]["until"]);
    let left = until.duration_since(Timestamp::now());
    assert!(left.is_positive() && left <= SignedDuration::from_secs(330), "interval and time-out: {left}");
}

#[test]
fn it_says_by_what_a_parent_is_one() {
    let home = home(&[
        ("gw.yaml", dead::target("gw", "")),
        ("hop.yaml", dead::behind("hop", "gw")),
        // Nobody looks at the parent between them.
        ("between.yaml", dead::target("between", &format!("  suspend: true\n{BEHIND}"))),
        ("far.yaml", dead::target("far", "  dependsOn: [{name: between}]\n")),
    ]);
    for (pair, how) in [("inventory.hop", "a hop of viaRefs"), ("inventory.far", "a parent of a parent")] {
        let told = text(&home, pair);
        assert!(told.contains(&LOST.replace("dependsOn", how)), "{pair}: {told}");
    }
}

#[tokio::test]
async fn it_waits_for_a_parent_that_was_not_looked_at() {
    let mut rig = ago(5);
    let slow = INVENTORY.replace("name: inventory}", "name: slow}").replace("site: lab", "site: gate");
    rig.write("check.yaml", INVENTORY);
    rig.write("slow.yaml", &format!("{slow}  interval: 10m\n"));
    rig.write("gw.yaml", &host("gw", Some(50)).replace("site: lab", "site: gate"));
    rig.write("web.yaml", &host("web", Some(50)));
    rig.once().await;
    rig.pass(300);
    rig.write("web.yaml", &dead::target("web", BEHIND));
    rig.once().await;
    let home = on(&rig);
    let told = text(&home, "inventory.web");
    let awaited =
        "nobody is called: gw (dependsOn) was not looked at since this began; ends with its next run, at the latest at 20";
    assert!(told.contains(awaited) && told.contains("nobody is called (above)"), "{told}");
    let web = &json(&home, "inventory.web")[0];
    assert_eq!(web["suppressed"]["reason"], "AwaitingParent");
    assert_eq!(instant(&web["suppressed"]["until"]), rig.at + SignedDuration::from_secs(330), "interval and time-out");
}

#[tokio::test]
async fn it_waits_for_others_that_may_be_lost_as_well() {
    let mut rig = ago(5);
    rig.write("fleet.yaml", &fleet(6));
    rig.once().await;
    rig.pass(300);
    rig.write("fleet.yaml", &format!("{}{}", fleet(5), dead::target("web-005", "")));
    reconcile(&rig.engine, &rig.manifests(), Mode::Watch).await.unwrap();
    let home = on(&rig);
    let told = text(&home, "inventory.web-005");
    let many =
        "nobody is called: it may be one of many that give no answer; ends when enough others were looked at, at the latest";
    assert!(told.contains(many), "{told}");
    let web = &json(&home, "inventory.web-005")[0];
    assert_eq!(web["suppressed"]["reason"], "AwaitingGroup");
    assert_eq!(instant(&web["suppressed"]["until"]), rig.at + SignedDuration::from_mins(5));
}

/// A dead fleet; those from `back` on are there again.
fn cut(back: usize) -> String {
    (0..12).fold(INVENTORY.to_owned(), |mut text, number| {
        let name = format!("web-{number:03}");
        let _ = write!(text, "{}", if number < back { dead::target(&name, "") } else { host(&name, Some(50)) });
        text
    })
}

#[test]
fn it_names_the_escalation_that_stands_for_many_while_it_is_open_and_after_it() {
    let home = home(&[]);
    let all = cut(12);
    home.write("check.yaml", &all);
    home.once();
    let names = home.tecrax("get escalations -o name").out;
    let group = names.lines().find_map(|name| name.strip_prefix("escalation/group.")).expect("a group");
    let told = text(&home, "inventory.web-000");
    let stands = format!("nobody is called: escalation group.{group} stands for it (12 of 12 targets give no answer since ");
    assert!(told.contains(&stands) && told.contains("; ends with that\n"), "{told}");
    assert_eq!(json(&home, "inventory.web-000")[0]["suppressed"]["until"], Value::Null);
    // What is behind the group is told of the one that began first.
    let first = home.run(["explain", &format!("escalation/group.{group}")]);
    assert!(first.code == 0 && first.out.starts_with("inventory.web-0"), "{first:?}");
    let page = home.run(["describe", &format!("escalation/group.{group}")]).out;
    assert!(page.contains("Began with:    inventory.web-0") && page.contains("Checkpoint:  "), "{page}");

    // Ten are back. The two that are left have the specs that they had.
    let third = |text: &str| text.match_indices("---\n").nth(2).unwrap().0;
    let back = cut(2);
    home.write("check.yaml", &format!("{}{}", &all[..third(&all)], &back[third(&back)..]));
    home.once();
    let told = text(&home, "inventory.web-000");
    let stood = format!(
        "nobody is called: escalation group.{group} stood for it until now; ends with the next run here, at the latest at 20"
    );
    assert!(told.contains(&stood), "{told}");
    assert!(instant(&json(&home, "inventory.web-000")[0]["suppressed"]["until"]) > Timestamp::now());
}

#[test]
fn an_acknowledged_one_calls_nobody_and_tells_its_changes_since_it_was_opened() {
    let home = home(&[("web.yaml", host("web", Some(95)))]);
    let name = home.tecrax("get escalations -o name").out.trim().to_owned();
    let ack = |more: &[&str]| assert_eq!(home.run([&["ack", &name], more].concat()).code, 0);
    ack(&["--reason", "on order", "--by", "anna", "--expires", "4h"]);
    let told = text(&home, "inventory.web");
    assert!(told.contains("nobody is called: acknowledged by anna: on order; ends at 20"), "{told}");
    assert!(told.contains("nobody is called (above)") && !told.contains("a person was called"), "{told}");
    assert_eq!(json(&home, "inventory.web")[0]["acknowledged"]["by"], "anna");
    let changes = || -> Vec<String> {
        let calls = json(&home, "inventory.web");
        calls[0]["changes"].as_array().unwrap().iter().map(|told| told["change"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(changes(), ["opened", "acknowledged"]);
    ack(&["--withdraw"]);
    assert!(text(&home, "inventory.web").contains("a person was called"), "nobody holds it back any more");

    // The same again later: only what happened since is told.
    for used in [50, 95] {
        home.write("web.yaml", &host("web", Some(used)));
        home.tecrax("reconcile --once --force --allow-fixtures manifests");
    }
    assert_eq!(changes(), ["reopened"]);
    for _ in 0..9 {
        ack(&["--reason", "x", "--by", "anna", "--expires", "4h"]);
        ack(&["--withdraw"]);
    }
    let changes = changes();
    assert_eq!((changes.len(), changes[15].as_str()), (16, "unacknowledged"), "the latest: {changes:?}");
}

#[tokio::test]
async fn an_acknowledgement_that_has_expired_holds_nobody_back() {
    let rig = ago(60);
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    rig.once().await;
    let state = known(&rig).pop().unwrap();
    let said = |minutes| Acknowledgement {
        by: "anna".to_owned(),
        reason: "lunch".to_owned(),
        at: rig.at,
        expires: rig.at + SignedDuration::from_mins(minutes),
    };
    let mut db = Db::open(&rig.state(), "test-origin").unwrap();
    for (minutes, held) in [(600, true), (30, false)] {
        let known = db.escalations().unwrap().remove(&state.id).unwrap();
        let (change, matter) = acknowledge(known.matter.as_ref().unwrap(), said(minutes)).unwrap();
        let place = Place { origin: db.origin(), head: known.head(), at: rig.at };
        let matter = serde_json::to_value(&matter).unwrap();
        let record = seal_escalation(&known.id, &place, change.as_str(), &matter, &Redactor::default());
        db.commit_escalations(&[record]).unwrap();
        let told = text(&on(&rig), "inventory.web");
        assert_eq!(told.contains("nobody is called"), held, "{told}");
        assert_eq!(told.contains("a person was called"), !held, "{told}");
    }
}

#[test]
fn two_checks_that_claim_one_matter_tell_the_same() {
    let other = INVENTORY.replace("name: inventory}", "name: other}");
    let home = home(&[("other.yaml", other), ("web.yaml", dead::target("web", ""))]);
    let calls = ["inventory.web", "other.web"].map(|pair| json(&home, pair));
    assert_eq!((calls[0].len(), &calls[0]), (1, &calls[1]));
    let name = calls[0][0]["name"].as_str().unwrap();
    let behind = home.run(["explain", &format!("escalation/{name}")]);
    assert!(behind.code == 0 && behind.out.contains(&format!("escalation/{name}: Open")), "{behind:?}");
    let wrong = home.run(["explain", "escalation/web.00000000"]);
    assert!(wrong.code == 78 && wrong.err.contains("no escalation named"), "{wrong:?}");
}
