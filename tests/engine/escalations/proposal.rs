//! `status.proposal`: what was sealed with the decision to call a person, as it was sealed.

use jiff::SignedDuration;
use rusqlite::params;
use serde_json::Value;
use tecrax::evidence::unpack;
use tecrax::store::{Db, Prune, RetentionPolicy};

use crate::support::cli::Home;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host};
use crate::support::log;

/// Longest `status.proposal` that the schema allows, in characters.
const LONGEST: usize = 2048;
const PAIR: &str = "default/inventory.web";

fn failing() -> Home {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    home.write("web.yaml", &host("web", Some(95)));
    home.once();
    home
}

/// The only Escalation as JSON.
fn object(home: &Home, namespace: &str) -> Value {
    let names = home.run(["get", "escalations", "-n", namespace, "-o", "name"]).out;
    let name = names.trim().strip_prefix("escalation/").expect("one name");
    let shown = home.run(["get", "escalations", name, "-n", namespace, "-o", "json"]);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""));
    serde_json::from_str(&shown.out).unwrap()
}

/// A part of a record as it lies in the state file.
fn part(home: &Home, seq: i64, name: &str) -> Option<Vec<u8>> {
    let connection = log::open(&home.state());
    let of = "SELECT parts FROM log JOIN subjects ON id = subject WHERE name = ?1 AND seq = ?2";
    let parts: Option<Vec<u8>> = connection.query_row(of, params![PAIR, seq], |row| row.get(0)).unwrap();
    unpack(&parts?).unwrap().into_iter().find(|(part, _)| part == name).map(|(_, bytes)| bytes)
}

#[test]
fn it_is_the_sealed_one_of_the_last_decision_of_the_chain() {
    let home = failing();
    let object = object(&home, "default");
    let text = object["status"]["proposal"].as_str().expect("a proposal").to_owned();
    // 1: the run, 2: look again, 3: the rerun, 4: call a person.
    assert_eq!(object["status"]["evidenceRefs"][1], format!("{PAIR}@1"));
    assert!(part(&home, 2, "reaction_plan").is_some() && part(&home, 2, "escalation_proposal").is_none());
    assert_eq!(text.as_bytes(), part(&home, 4, "escalation_proposal").expect("sealed"), "byte for byte");
    let (proposal, plan): (Value, Value) = (
        serde_json::from_str(&text).unwrap(),
        serde_json::from_slice(&part(&home, 4, "reaction_plan").expect("sealed")).unwrap(),
    );
    assert_eq!(proposal["authority"]["may_execute"], false);
    assert!(proposal["reaction_id"].is_string() && proposal["reaction_id"] == plan["reaction_id"], "{proposal} {plan}");
    let explanation = proposal["explanation"].as_str().unwrap();
    assert!(explanation.contains("findings=root-disk/expectation/ExpectationFailed;"), "{explanation}");
}

#[test]
fn there_is_none_where_the_chain_was_cut_before_a_person_was_proposed() {
    let home = failing();
    // As if the process had been killed before the rerun.
    let connection = log::open(&home.state());
    let triggers: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for trigger in triggers {
        connection.execute(&format!("DROP TRIGGER {trigger}"), []).unwrap();
    }
    let cut = "DELETE FROM log WHERE seq > 2 AND subject = (SELECT id FROM subjects WHERE name = ?1)";
    assert_eq!(connection.execute(cut, [PAIR]).unwrap(), 2);
    let object = object(&home, "default");
    assert_eq!((&object["status"]["proposal"], &object["status"]["incident"]), (&Value::Null, &1.into()));
}

#[tokio::test]
async fn it_is_gone_with_the_records_that_retention_drops() {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    rig.once().await;
    let home = Home::new();
    std::os::unix::fs::symlink(rig.state(), home.state()).unwrap();
    assert!(object(&home, "default")["status"]["proposal"].is_string());
    rig.write("check.yaml", &fleet(150));
    rig.once().await;
    rig.pass(3_600);
    let policy = RetentionPolicy { max_age: Some(SignedDuration::from_mins(30)), max_bytes: None };
    let pruned = Db::open(&rig.state(), "x").unwrap().prune(&policy, Prune::Now, rig.at).unwrap();
    assert_eq!(pruned.map(|pruned| pruned.pruned), Some(256));
    let object = object(&home, "default");
    assert_eq!(object["status"]["proposal"], Value::Null);
    assert_eq!(object["status"]["evidenceRefs"][1], format!("{PAIR}@1"), "what it was is still named");
}

#[test]
fn with_the_longest_names_and_the_most_findings_it_is_never_too_long_to_be_shown() {
    let (label, last) = ("a".repeat(63), "b".repeat(61));
    let (namespace, check, target) = ("n".repeat(63), "c".repeat(63), format!("{label}.{label}.{last}"));
    let home = Home::new();
    let expect = |number: usize| {
        let name = format!("{}{number:02}", "e".repeat(61));
        format!("  - {{name: {name}, key: root_filesystem.used_percent, operator: Lt, values: [\"90\"]}}\n")
    };
    let head = INVENTORY.replace("name: inventory}", &format!("name: {check}, namespace: {namespace}}}"));
    let (head, _) = head.split_once("  expect:\n").unwrap();
    home.write("check.yaml", &(0..32).fold(format!("{head}  expect:\n"), |text, number| text + &expect(number)));
    let web = host("web", Some(95)).replace("{name: web,", &format!("{{name: {target}, namespace: {namespace},"));
    home.write("web.yaml", &web);
    let ended = home.once();
    let names = home.run(["get", "escalations", "-n", &namespace, "-o", "name"]).out;
    assert_eq!(names.lines().count(), 32, "{ended:?}");
    for name in names.lines() {
        let name = name.strip_prefix("escalation/").unwrap();
        let shown = home.run(["get", "escalations", name, "-n", &namespace, "-o", "json"]);
        let object: Value = serde_json::from_str(&shown.out).unwrap_or_else(|_| panic!("{shown:?}"));
        let proposal = object["status"]["proposal"].as_str().unwrap_or_else(|| panic!("none for {name}"));
        assert!(proposal.chars().count() <= LONGEST && proposal.contains(",+"), "{proposal}");
    }
}
