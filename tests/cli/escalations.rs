//! Escalations at the command line: get, describe, ack, the summary of a pass.

use crate::support::cli::{Ended, Home};
use crate::support::hosts::{INVENTORY, host};
use serde_json::Value;

fn home() -> Home {
    let home = Home::new();
    let more = "  escalation: {severity: High, runbookURL: \"https://wiki/root-disk\"}\n";
    home.write("check.yaml", &format!("{INVENTORY}{more}"));
    home.write("web.yaml", &host("web", Some(95)));
    home
}

fn ok(ended: Ended) -> String {
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.out
}

fn object(home: &Home, name: &str) -> Value {
    serde_json::from_str(&ok(home.tecrax(&format!("get escalations {name} -o json")))).unwrap()
}

fn name(home: &Home) -> String {
    let names = ok(home.tecrax("get esc -o name"));
    names.trim().strip_prefix("escalation/").expect("one name").to_owned()
}

#[test]
fn what_is_open_is_listed_described_and_named_by_the_summary() {
    let home = home();
    let ended = home.once();
    let name = name(&home);
    assert!(ended.err.contains(&format!("1 escalation open ({name});")), "{}", ended.err);
    let table = ok(home.tecrax("get escalations"));
    let row = table.lines().nth(1).expect("a row");
    assert!(row.starts_with(&name) && row.contains("High") && row.contains("Open") && row.contains("web: root-disk:"), "{table}");
    let wide = ok(home.tecrax("get esc -o wide"));
    assert!(wide.contains("https://wiki/root-disk") && wide.contains("inventory"), "{wide}");

    let page = ok(home.tecrax(&format!("describe escalation/{name}")));
    for part in
        ["Severity:      High", "Runbook:       https://wiki/root-disk", "Claimed by:", "1 of 1", "Log index:", "Checkpoint:  "]
    {
        assert!(page.contains(part), "no {part} in\n{page}");
    }
    assert!(page.contains("tecrax explain observation/inventory.web"), "{page}");

    let object = object(&home, &name);
    assert_eq!(object["kind"], "Escalation");
    assert_eq!(object["spec"]["targetRef"]["name"], "web");
    assert_eq!(object["spec"]["finding"]["reasonCode"], "ExpectationFailed");
    assert_eq!((&object["status"]["severity"], &object["status"]["incident"]), (&"High".into(), &1.into()));
    assert_eq!(object["status"]["claims"][0]["check"], "inventory");

    let records = ok(home.tecrax(&format!("evidence list escalation/{name}")));
    assert!(records.contains("escalation.v1") && records.contains("opened"), "{records}");
    ok(home.tecrax("evidence verify"));
    ok(home.tecrax("evidence replay"));
}

#[test]
fn an_acknowledgement_is_shown_taken_back_and_refused_where_it_makes_no_sense() {
    let home = home();
    home.once();
    let name = name(&home);
    let ack = |rest: &[&str]| {
        let target = format!("escalation/{name}");
        home.run([&["ack", target.as_str()], rest].concat())
    };
    let words = ok(ack(&["--reason", "disk is on order", "--expires", "4h", "--by", "anna"]));
    assert!(words.contains("acknowledged until"), "{words}");
    let shown = object(&home, &name);
    let said = &shown["status"]["acknowledged"];
    assert_eq!((&said["by"], &said["reason"]), (&"anna".into(), &"disk is on order".into()));
    assert!(ok(home.tecrax("get escalations")).contains("Acknowledged"));
    assert!(ok(home.tecrax(&format!("describe esc/{name}"))).contains("by anna: disk is on order"));

    ok(ack(&["--withdraw"]));
    assert_eq!(object(&home, &name)["status"]["acknowledged"], Value::Null);
    let refused = ack(&["--withdraw"]);
    assert!(refused.code == 78 && refused.err.contains("it is not acknowledged"), "{refused:?}");

    for (rest, code, words) in [
        (vec!["--reason", "x", "--expires", "2020-01-01T00:00:00Z", "--by", "a"], 78, "is over already"),
        (vec!["--reason", "x", "--expires", "9999h", "--by", "a"], 78, "is too far away"),
        (vec!["--reason", "x", "--expires", "soon", "--by", "a"], 78, "neither a span nor an instant"),
        (vec!["--reason", " ", "--expires", "4h", "--by", "a"], 78, "--reason can not be used"),
        (vec!["--reason", "x", "--expires", "4h"], 64, "--by NAME"),
        (vec!["--reason", "x"], 64, "--expires"),
    ] {
        let ended = ack(&rest);
        assert!(ended.code == code && ended.err.contains(words), "{rest:?}: {ended:?}");
    }
    let absent = home.tecrax("ack escalation/web.00000000 --reason x --expires 4h --by a");
    assert!(absent.code == 78 && absent.err.contains("no escalation named"), "{absent:?}");

    // What is over can not be acknowledged.
    home.write("web.yaml", &host("web", Some(50)));
    home.tecrax("reconcile --once --force --allow-fixtures manifests");
    let ended = ack(&["--reason", "x", "--expires", "4h", "--by", "a"]);
    assert!(ended.code == 78 && ended.err.contains("it is resolved"), "{ended:?}");
    let list = home.tecrax("get escalations");
    assert!(list.out.is_empty() && list.err.contains("no open escalations"), "{list:?}");
    assert!(ok(home.tecrax("get escalations --all")).contains("Resolved"));
    ok(home.tecrax("evidence verify"));
}

#[test]
fn an_export_holds_the_records_and_shows_no_sentences() {
    let home = home();
    home.once();
    let name = name(&home);
    ok(home.tecrax("evidence export out"));
    let at = home.path(&format!("out/records/escalation/default/{name}/1"));
    let body = std::fs::read_to_string(at.join("body.json")).unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["change"], &body["severity"]), (&"opened".into(), &"High".into()));
    assert!(!at.join("detail.json").exists(), "words for people stay inside");
    ok(home.tecrax("evidence verify out"));
}
