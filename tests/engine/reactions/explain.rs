//! `tecrax explain observation/NAME` and `tecrax reaction test`.

use serde_json::Value;

use crate::support::cli::Home;
use crate::support::hosts::{INVENTORY, host};
use crate::support::profile::Copy;

fn failing(more: &str) -> Home {
    let home = Home::new();
    home.write("check.yaml", &format!("{INVENTORY}{more}"));
    home.write("web.yaml", &host("web", Some(50)));
    assert_eq!(home.once().code, 0);
    home.write("web.yaml", &host("web", Some(95)));
    home.once();
    home
}

#[test]
fn it_tells_what_was_seen_decided_and_what_comes_next() {
    let home = failing("");
    let told = home.run(["explain", "observation/inventory.web"]);
    assert_eq!(told.code, 0, "{}", told.err);
    for part in [
        "inventory.web: unhealthy (fixture) (ExpectationFailed)",
        "run 1, collect_basic_host_inventory: healthy",
        "rule     assessment.unhealthy",
        "because  facts.verdict.assessment equals \"unhealthy\": it is \"unhealthy\"",
        "decided  rerun collect_basic_host_inventory: ToConfirm",
        "rerun of 3 5, collect_basic_host_inventory: unhealthy",
        "decided  escalate: Confirmed",
        "a person was called; over when 1 run in a row can see that it is gone",
    ] {
        assert!(told.out.contains(part), "no `{part}` in:\n{}", told.out);
    }
    let row = told.out.lines().find(|line| line.starts_with("expectation/root-disk/ExpectationFailed ")).expect("a row");
    assert!(row.contains(" raised ") && row.contains(" Medium "), "{row}");
    let json: Value = serde_json::from_str(&home.run(["explain", "observation/inventory.web", "-o", "json"]).out).unwrap();
    let timeline = json["timeline"].as_array().unwrap();
    assert_eq!(timeline.iter().map(|step| step["kind"].as_str().unwrap()).collect::<Vec<_>>(), ["run", "run", "rerun"]);
    assert_eq!(timeline[2]["parentSeq"], 3);
    assert_eq!(timeline[1]["decision"]["conditions"][0]["actual"], "unhealthy");
    assert_eq!(json["findings"][0]["stage"], "raised");
    // Runs that are alike are told once.
    for _ in 0..3 {
        home.run(["reconcile", "--once", "--force", "--allow-fixtures", "manifests"]);
    }
    let told = home.run(["explain", "inventory.web"]);
    assert!(told.out.contains("3 times alike"), "{}", told.out);
}

#[test]
fn it_tells_who_accepts_what_until_when() {
    let home = failing("  accept: [{finding: root-disk, reason: CHG-4711, owner: anna, expires: \"2999-01-01T00:00:00Z\"}]\n");
    let told = home.run(["explain", "observation/inventory.web"]).out;
    assert!(told.contains("root-disk by anna until 2999-01-01T00:00:00Z") && told.contains("CHG-4711"), "{told}");
    assert!(told.contains("decided  no_op: Accepted"), "{told}");
}

#[test]
fn it_names_what_it_can_explain() {
    let home = failing("");
    let near = home.run(["explain", "observation/inventory.wep"]);
    assert_eq!(near.code, 78);
    assert!(near.err.contains("did you mean `inventory.web`?"), "{}", near.err);
    let topic = home.run(["explain", "reason"]);
    assert!(topic.code == 78 && topic.err.contains("did you mean `reasons`?"), "{}", topic.err);
    assert_eq!(home.run(["explain", "exit-codes"]).code, 0);
}

#[test]
fn recorded_decisions_are_the_same_by_the_same_rules_and_others_by_others() {
    let home = failing("  confirmations: {failures: 1, recoveries: 2}\n");
    let same = home.run(["reaction", "test"]);
    assert_eq!((same.code, same.out.as_str()), (0, "3 decisions of 1 pair: all would be the same\n"), "{}", same.err);

    let copy = Copy::new();
    let path = "reactions/collect_basic_host_inventory.yaml";
    let text = std::fs::read_to_string(copy.path().join(path)).unwrap();
    let (before, after) = text.split_once("  - id: assessment.unhealthy").expect("the rule");
    let changed =
        after.replacen("    outcome: retry_intent\n    intent_ref: collect_basic_host_inventory\n", "    outcome: escalate\n", 1);
    std::fs::write(copy.path().join(path), format!("{before}  - id: assessment.unhealthy{changed}")).unwrap();
    let file = copy.path().join(path);
    let other = home.run(["reaction", "test", "--pack", file.to_str().unwrap()]);
    assert_eq!(other.code, 1, "{}{}", other.out, other.err);
    assert!(
        other.out.contains("was:      rerun collect_basic_host_inventory (ToConfirm), rule assessment.unhealthy"),
        "{}",
        other.out
    );
    assert!(other.out.contains("would be: escalate (ByRule), rule assessment.unhealthy"), "{}", other.out);
    assert!(other.out.contains("2 decisions of 1 pair: 1 would differ\n1 of reruns that would not have been\n"), "{}", other.out);
    let folder = home.run(["reaction", "test", "--pack", copy.path().join("reactions").to_str().unwrap(), "-o", "json"]);
    assert_eq!(folder.code, 1);
    let json: Value = serde_json::from_str(&folder.out).unwrap();
    assert_eq!((json["different"].as_u64(), json["differences"][0]["seq"].as_u64()), (Some(1), Some(4)));
    let wrong = home.run(["reaction", "test", "--pack", "manifests/check.yaml"]);
    assert!(wrong.code == 78 && wrong.err.contains("no intent"), "{}", wrong.err);
}

/// Which fact an expectation asked is known then: the manifests may say something else by now.
#[test]
fn a_recorded_end_of_an_expectation_is_the_same_again() {
    let home = failing("");
    let mended = host("web", Some(50)).replace("{shape: read_uptime, stdout:", "{shape: read_uptime, exitCode: 1, stdout:");
    home.write("web.yaml", &mended);
    home.run(["reconcile", "--once", "--force", "--allow-fixtures", "manifests"]);
    let told = home.run(["explain", "observation/inventory.web"]).out;
    assert!(!told.contains("expectation/root-disk/ExpectationFailed "), "{told}");
    let same = home.run(["reaction", "test"]);
    assert!(same.code == 0 && same.out.ends_with(" of 1 pair: all would be the same\n"), "{}{}", same.out, same.err);
}

#[test]
fn another_severity_is_another_decision() {
    let home = failing("");
    let copy = Copy::new();
    let path = "reactions/collect_basic_host_inventory.yaml";
    copy.edit(path, "{kind: assessment.unhealthy, severity: medium,", "{kind: assessment.unhealthy, severity: high,");
    let file = copy.path().join(path);
    let other = home.run(["reaction", "test", "--pack", file.to_str().unwrap()]);
    assert_eq!(other.code, 1, "{}{}", other.out, other.err);
    let finding = "  finding:  expectation/root-disk/ExpectationFailed: was pending, Medium, would be pending, High\n";
    assert!(other.out.contains(finding) && other.out.contains(": 1 would differ\n"), "{}", other.out);
    let json = home.run(["reaction", "test", "--pack", file.to_str().unwrap(), "-o", "json"]).out;
    let json: Value = serde_json::from_str(&json).unwrap();
    let finding = &json["differences"][0]["findings"][0];
    assert_eq!((&finding["was"]["severity"], &finding["wouldBe"]["severity"]), (&"Medium".into(), &"High".into()));
    // Where the Check says how loud it is, the rule does not.
    let loud = failing("  escalation: {severity: Critical}\n");
    let same = loud.run(["reaction", "test", "--pack", file.to_str().unwrap()]);
    assert_eq!(same.code, 0, "{}{}", same.out, same.err);
}
