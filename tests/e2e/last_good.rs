//! A bad edit costs only itself: the last good version of that object goes on, over a restart too. What is removed is removed, whatever is
//! wrong elsewhere.

use std::fs;

use serde_json::Value;

use crate::support::cli::{Ended, Home};
use crate::support::following::Following;
use crate::support::hosts::{INVENTORY, host};
use tecrax::api::Assessment;

fn check() -> String {
    INVENTORY.replace("spec:\n", "spec:\n  interval: 1s\n")
}

fn home() -> Home {
    let home = Home::new();
    home.write("check.yaml", &check());
    home.write("hosts.yaml", &format!("{}{}", host("web", Some(50)), host("db", Some(50))));
    home.write("mail.yaml", &host("mail", Some(50)));
    home
}

fn once(home: &Home) -> Ended {
    home.tecrax("reconcile --once --force --allow-fixtures manifests")
}

fn observation(home: &Home, name: &str) -> Value {
    let shown = home.tecrax(&format!("get observations {name} -o json"));
    serde_json::from_str(&shown.out).unwrap_or_else(|error| panic!("{error}: {shown:?}"))
}

fn stalled(home: &Home, name: &str) -> Option<String> {
    let shown = observation(home, name);
    let items = shown["items"].as_array().cloned().unwrap_or_else(|| vec![shown.clone()]);
    let conditions = items[0]["status"]["conditions"].as_array().unwrap().clone();
    let stalled = conditions.iter().find(|condition| condition["type"] == "Stalled")?;
    assert_eq!((&stalled["status"], &stalled["reason"]), (&Value::from("True"), &Value::from("InvalidSpec")));
    Some(stalled["message"].as_str().unwrap().to_owned())
}

/// An edit that spoils a Target.
const BAD: (&str, &str) = ("type: Host", "type: Hots");

#[test]
fn a_bad_edit_costs_only_that_object_and_a_restart_does_not_change_that() {
    let home = home();
    let mut following = Following::by_events(&home);
    for pair in ["inventory.web", "inventory.db", "inventory.mail"] {
        following.until("it runs", |it| it.runs(pair) >= 1);
    }
    // One bad object, and a good edit of another in the same file.
    home.write("hosts.yaml", &format!("{}{}", host("web", Some(60)).replace(BAD.0, BAD.1), host("db", Some(95))));
    following.until("the good edit acts", |it| it.is_unhealthy("inventory.db"));
    let (web, mail) = (following.runs("inventory.web"), following.runs("inventory.mail"));
    following.until("the last good version runs", |it| it.runs("inventory.web") > web && it.runs("inventory.mail") > mail);
    assert_eq!(following.assessment("inventory.web"), Some(Assessment::Healthy));
    assert!(following.says("its last good version keeps running") && following.says("Target/web"), "{}", following.told());
    assert!(following.says("held=1"), "{}", following.told());
    let message = stalled(&home, "inventory.web").expect("the condition");
    assert!(message.contains("Target/web"), "{message}");
    assert_eq!((stalled(&home, "inventory.db"), stalled(&home, "inventory.mail")), (None, None));
    following.stop();

    let mut following = Following::by_events(&home);
    let web = following.runs("inventory.web");
    following.until("the last good version runs after a restart", |it| it.runs("inventory.web") > web + 1);
    assert!(stalled(&home, "inventory.web").is_some());
    home.write("hosts.yaml", &format!("{}{}", host("web", Some(95)), host("db", Some(95))));
    following.until("it runs what was mended", |it| it.is_unhealthy("inventory.web"));
    assert_eq!(stalled(&home, "inventory.web"), None);
    assert!(following.says("not kept at its last good version any more"), "{}", following.told());
    following.stop();
}

#[test]
fn what_can_not_be_read_at_all_goes_on_as_it_was() {
    let home = home();
    assert_eq!(once(&home).code, 0);
    // No name can be read in there; both hosts of the file go on, and the Check that is broken as well.
    home.write("hosts.yaml", "kind: [\n");
    home.write("check.yaml", &check().replace("site: lab", "site: [lab"));
    let pass = once(&home);
    assert_eq!(pass.code, 65, "{pass:?}");
    for pair in ["inventory.web", "inventory.db", "inventory.mail"] {
        assert!(stalled(&home, pair).is_some_and(|message| message.contains("Check/inventory")), "{pair}");
    }
    assert!(stalled(&home, "inventory.web").unwrap().contains("Target/web"));
    assert!(!stalled(&home, "inventory.mail").unwrap().contains("Target/mail"));
    // A host that is new meets the last good version of the Check.
    home.write("new.yaml", &host("new", Some(95)));
    let pass = once(&home);
    assert!(pass.out.contains("new"), "{pass:?}");
}

#[test]
fn what_is_removed_is_removed_whatever_is_wrong_elsewhere() {
    let home = home();
    home.write("mail.yaml", &host("mail", Some(95)));
    assert_eq!(once(&home).code, 1);
    assert!(home.tecrax("get escalations").out.contains("mail"));
    home.write("hosts.yaml", &format!("{}{}", host("web", Some(60)).replace(BAD.0, BAD.1), host("db", Some(50))));
    fs::remove_file(home.path("manifests/mail.yaml")).unwrap();
    let pass = once(&home);
    assert_eq!(pass.code, 65, "{pass:?}");
    let shown = home.tecrax("get observations").out;
    assert!(!shown.contains("mail") && shown.contains("web") && shown.contains("db"), "{shown}");
    // Its claim is withdrawn, its evidence stays, and ends with a tombstone.
    assert!(!home.tecrax("get escalations").out.contains("mail"), "{}", home.tecrax("get escalations").out);
    let listed = home.tecrax("evidence list inventory.mail --limit 200").out;
    assert!(listed.contains("tombstone") && listed.contains("run"), "{listed}");
    crate::support::log::verify(&home.state());
    // The other two were never removed.
    for pair in ["web", "db"] {
        let listed = home.tecrax(&format!("evidence list inventory.{pair} --kind tombstone")).out;
        assert!(!listed.contains(pair), "{listed}");
    }
}

const SET: &str = "\
---
apiVersion: tecrax.io/v1alpha1
kind: TargetSet
metadata: {name: racks}
spec:
  template:
    metadata: {labels: {site: lab}}
    spec: {type: Host, connections: [{name: os, local: {}}]}
  items: [{name: rack-1}, {name: rack-2}]
";

#[test]
fn of_a_target_set_only_the_bad_item_stays_as_it_was() {
    let home = Home::new();
    home.write("check.yaml", &check());
    home.write("set.yaml", SET);
    once(&home);
    // An item may not set a host that the template has no place for; the other one gets a label.
    home.write(
        "set.yaml",
        &SET.replace("{name: rack-1}, {name: rack-2}", "{name: rack-1, host: h}, {name: rack-2, labels: {new: yes-it-is}}"),
    );
    for _ in 0..2 {
        let pass = once(&home);
        assert_eq!(pass.code, 65, "{pass:?}");
        assert!(stalled(&home, "inventory.rack-1").unwrap().contains("Target/rack-1"));
        assert_eq!(stalled(&home, "inventory.rack-2"), None);
        let labels = observation(&home, "inventory.rack-2").to_string();
        assert!(labels.contains("yes-it-is"), "{labels}");
    }
    // The whole set can not be read: both go on.
    home.write("set.yaml", &SET.replace("template:", "tempalte:"));
    let pass = once(&home);
    assert_eq!(pass.code, 65, "{pass:?}");
    assert!(stalled(&home, "inventory.rack-2").unwrap().contains("TargetSet/racks"));
    // An item that is taken off the list is gone.
    home.write("set.yaml", &SET.replace("{name: rack-1}, ", ""));
    once(&home);
    assert!(!home.tecrax("get observations").out.contains("rack-1"));
}

#[test]
fn a_volume_that_goes_away_under_a_daemon_takes_nothing_with_it() {
    let home = home();
    let mut following = Following::by_events(&home);
    let pairs = ["inventory.web", "inventory.db", "inventory.mail"];
    let manifests = home.path("manifests");
    for pair in pairs {
        following.until("it runs", |it| it.runs(pair) >= 1);
    }
    fs::rename(&manifests, home.path("elsewhere")).unwrap();
    fs::create_dir(&manifests).unwrap();
    following.until("it says so", |it| it.says("EmptyPath") && it.says("held=4"));
    assert!(following.says("# nothing is wanted from here"), "{}", following.told());
    let before = pairs.map(|pair| following.runs(pair));
    following.until("all go on", |it| pairs.iter().zip(before).all(|(pair, before)| it.runs(pair) > before));
    assert!(stalled(&home, "inventory.mail").unwrap().contains("Target/mail"));
    fs::remove_dir(&manifests).unwrap();
    fs::rename(home.path("elsewhere"), &manifests).unwrap();
    following.until("it is back", |it| it.says("is not kept at its last good version any more"));
    assert_eq!(stalled(&home, "inventory.mail"), None);
    // Whoever means it says so.
    for file in ["check.yaml", "hosts.yaml", "mail.yaml"] {
        fs::remove_file(manifests.join(file)).unwrap();
    }
    following.until("it says so again", |it| it.told().matches("EmptyPath").count() >= 2);
    assert!(home.tecrax("get observations").out.contains("web"));
    home.write("none.yaml", "# nothing is wanted from here\n");
    following.until("all is removed", |it| it.told().contains("pairs=0"));
    assert!(!home.tecrax("get observations").out.contains("web"));
}

#[test]
fn what_refers_to_a_broken_object_is_not_at_fault() {
    let home = Home::new();
    let by_name = check().replace("targetSelector: {matchLabels: {site: lab}}", "targetRef: {name: web}");
    home.write("check.yaml", &by_name);
    home.write("web.yaml", &host("web", Some(50)));
    assert_eq!(once(&home).code, 0);
    home.write("web.yaml", "kind: [\n");
    let pass = once(&home);
    assert_eq!(pass.code, 65, "{pass:?}");
    assert_eq!(stalled(&home, "inventory.web").as_deref().map(|message| message.contains("Check/")), Some(false));
    assert!(!pass.err.contains("there is no Target"), "{pass:?}");
}
