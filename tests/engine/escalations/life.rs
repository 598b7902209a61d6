//! Opened once, updated, acknowledged, resolved, opened again.

use jiff::SignedDuration;
use tecrax::api::Criticality;
use tecrax::evidence::{Place, seal_escalation};
use tecrax::reaction::escalation::{Acknowledgement, EscalationChange, acknowledge};
use tecrax::secrets::Redactor;
use tecrax::store::{Db, EscalationOutcome};

use super::{calling, changes, known, matter, sound};
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;
use crate::support::receiver::Receiver;

fn rig() -> Rig {
    let rig = Rig::new();
    let more = "  escalation: {severity: High, runbookURL: \"https://wiki/root-disk\"}\n";
    rig.write("check.yaml", &format!("{INVENTORY}{more}"));
    rig.write("web.yaml", &host("web", Some(50)));
    rig
}

async fn then(rig: &mut Rig, used: u32) {
    rig.write("web.yaml", &host("web", Some(used)));
    rig.again().await;
}

#[tokio::test]
async fn it_is_opened_once_resolved_when_it_is_gone_and_opened_again_under_its_name() {
    let mut rig = rig();
    rig.once().await;
    assert!(known(&rig).is_empty(), "a healthy host calls nobody");
    let healthy = rig.at;

    then(&mut rig, 95).await;
    let opened = known(&rig);
    assert_eq!(opened.len(), 1);
    let name = opened[0].id.name.clone();
    let first = matter(&opened[0]).clone();
    assert_eq!((first.severity, first.runbook.as_deref()), (Criticality::High, Some("https://wiki/root-disk")));
    assert_eq!((first.incident, first.first_seen, first.claims.len()), (1, rig.at, 1));
    assert_eq!(first.summary, "web: root-disk: root_filesystem.used_percent is 95.0, wanted Lt 90, 1 of 1 run since 12:05Z");
    assert_eq!(first.context.last_healthy, Some(healthy));
    assert_eq!(first.context.explain, "tecrax explain observation/inventory.web");
    let paths: Vec<&str> = first.context.changes.iter().map(|change| change.path.as_str()).collect();
    assert!(paths.contains(&"root_filesystem.used_percent"), "{paths:?}");
    let used = first.context.changes.iter().find(|change| change.path == "root_filesystem.used_percent").unwrap();
    assert_eq!((used.was.as_deref(), used.now.as_deref()), (Some("50.0"), Some("95.0")));
    let run = first.context.run.as_ref().expect("its run");
    let record = Db::open_read_only(&rig.state()).unwrap().record_at(run.index).unwrap().unwrap();
    assert_eq!((record.leaf, record.header.seq, run.pair.as_str()), (run.leaf, run.seq, "inventory.web"));

    // It goes on: the same one, and no record for what means the same.
    then(&mut rig, 96).await;
    rig.again().await;
    assert_eq!((changes(&rig), known(&rig).len()), (vec!["opened web".to_owned()], 1));

    then(&mut rig, 50).await;
    let resolved = known(&rig);
    assert_eq!(matter(&resolved[0]).resolved_at, Some(rig.at));
    assert!(calling(&rig).is_empty());

    then(&mut rig, 95).await;
    let again = known(&rig);
    assert_eq!((again.len(), &again[0].id.name, matter(&again[0]).incident), (1, &name, 2));
    assert_eq!(matter(&again[0]).first_seen, rig.at, "a new incident begins anew");
    assert_eq!(changes(&rig), ["opened web", "resolved web", "reopened web"]);
    sound(&rig);
}

/// The host without `uptime`, as after an upgrade that took it away.
fn without_uptime(used: u32) -> String {
    let text = host("web", Some(used));
    let (before, rest) = text.split_once("{shape: read_uptime, ").unwrap();
    let (_, after) = rest.split_once("}\n").unwrap();
    format!("{before}{{shape: read_uptime, stderr: \"sh: 1: exec: uptime: not found\\n\", exitCode: 127}}\n{after}")
}

#[tokio::test]
async fn what_is_expected_is_over_when_its_fact_was_read_whatever_else_was_lost_for_good() {
    let mut rig = rig();
    let open = |rig: &Rig| -> Vec<String> {
        let known = known(rig);
        let open = known.iter().map(matter).filter(|matter| matter.resolved_at.is_none());
        open.map(|matter| matter.key.to_string()).collect()
    };
    let full = "expectation/root-disk/ExpectationFailed";
    then(&mut rig, 95).await;
    assert_eq!(open(&rig), [full]);

    rig.write("web.yaml", &host("web", None));
    rig.again().await;
    assert!(open(&rig).contains(&full.to_owned()), "nobody saw how full it is: {:?}", open(&rig));

    for _ in 0..2 {
        rig.write("web.yaml", &without_uptime(50));
        rig.again().await;
        assert_eq!(open(&rig), ["reading/read_uptime/Unsupported"]);
    }
    let over = known(&rig).into_iter().find(|state| matter(state).key.to_string() == full).unwrap();
    assert!(matter(&over).resolved_at.is_some());
    sound(&rig);
}

#[tokio::test]
async fn what_is_over_is_not_read_again_before_it_is_claimed_again() {
    let mut rig = rig();
    let receiver = Receiver::start(&[]);
    let sink = "apiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {name: ops}\nspec: {webhook: {url: URL}}\n";
    rig.write("sink.yaml", &sink.replace("URL", &receiver.url()));
    rig.write("db.yaml", &host("db", Some(95)));
    then(&mut rig, 95).await;
    then(&mut rig, 50).await;
    assert_eq!(changes(&rig), ["opened db", "opened web", "resolved web"]);
    assert_eq!(receiver.requests().len(), 3);

    // Whoever looked at it would say that it can not be read.
    let over = known(&rig).into_iter().find(|state| state.id.name.as_str().starts_with("web.")).unwrap().id.to_string();
    let db = log::open(&rig.state());
    let state: String = db.query_row("SELECT state FROM escalations WHERE name = ?1", [&over], |row| row.get(0)).unwrap();
    let write = |state: &str| {
        assert_eq!(db.execute("UPDATE escalations SET state = ?2 WHERE name = ?1", [&over, state]).unwrap(), 1);
    };
    write(r#"{"matter":{"resolved_at":"then"}}"#);
    then(&mut rig, 50).await;
    rig.write("db.yaml", &host("db", Some(50)));
    then(&mut rig, 50).await;
    assert_eq!(changes(&rig)[3..], ["resolved db"]);
    assert_eq!(receiver.requests().len(), 4);

    write(&state);
    then(&mut rig, 95).await;
    assert_eq!(changes(&rig)[4..], ["reopened web"]);
    let again = known(&rig).into_iter().find(|state| state.id.to_string() == over).unwrap();
    assert_eq!(matter(&again).incident, 2);
    assert_eq!(receiver.requests().len(), 5, "it is told as a new incident");
    sound(&rig);
}

#[tokio::test]
async fn two_checks_claim_one_and_it_is_over_when_neither_does() {
    let mut rig = Rig::new();
    let second = INVENTORY.replace("name: inventory}", "name: second}");
    rig.write("check.yaml", INVENTORY);
    rig.write("second.yaml", &second);
    rig.write("web.yaml", &host("web", Some(95)));
    rig.once().await;
    let open = known(&rig);
    let checks: Vec<&str> = matter(&open[0]).claims.iter().map(|claim| claim.check.as_str()).collect();
    assert_eq!((open.len(), checks), (1, vec!["inventory", "second"]));

    rig.remove("second.yaml");
    rig.again().await;
    let open = known(&rig);
    assert_eq!(matter(&open[0]).claims.len(), 1, "the other one still sees it");
    assert_eq!(changes(&rig), ["opened web", "updated web"]);

    rig.remove("check.yaml");
    rig.once().await;
    assert_eq!(changes(&rig), ["opened web", "updated web", "resolved web"], "nobody looks any more");
    sound(&rig);
}

#[tokio::test]
async fn what_can_not_be_looked_at_is_not_over() {
    let mut rig = rig();
    rig.write("web.yaml", &host("web", Some(95)));
    rig.once().await;
    rig.write("web.yaml", &host("web", None));
    rig.again().await;
    let open: Vec<_> = known(&rig).into_iter().filter(tecrax::status::EscalationState::is_open).collect();
    assert!(open.iter().any(|state| matter(state).key.reason_code == "ExpectationFailed"), "unknown never resolves");
    sound(&rig);
}

#[tokio::test]
async fn an_acknowledgement_stands_in_the_log_and_ends_by_itself() {
    let mut rig = rig();
    rig.write("web.yaml", &host("web", Some(95)));
    rig.once().await;
    assert_eq!(calling(&rig).len(), 1);
    let state = known(&rig).remove(0);
    let expires = rig.at + SignedDuration::from_mins(12);
    let said = Acknowledgement { by: "anna".into(), reason: "CHG-4711".into(), at: rig.at, expires };
    let (change, acknowledged) = acknowledge(matter(&state), said).unwrap();
    assert_eq!(change, EscalationChange::Acknowledged);
    let mut db = Db::open(&rig.state(), "x").unwrap();
    let record = |db: &Db| {
        let place = Place { origin: db.origin(), head: state.head(), at: rig.at };
        let value = serde_json::to_value(&acknowledged).unwrap();
        seal_escalation(&state.id, &place, change.as_str(), &value, &Redactor::default())
    };
    let records = [record(&db), record(&db)];
    let outcomes = db.commit_escalations(&records).unwrap();
    assert!(
        matches!(outcomes.as_slice(), [EscalationOutcome::Durable(_), EscalationOutcome::Refused]),
        "the second one does not continue the sequence: {outcomes:?}"
    );
    assert!(calling(&rig).is_empty());
    let row = log::escalations(&rig.state()).pop().unwrap();
    assert_eq!((&row.body["acknowledged"]["by"], &row.body["acknowledged"]["reason"]), (&"anna".into(), &"CHG-4711".into()));

    rig.again().await;
    assert!(calling(&rig).is_empty(), "it holds while runs go on");
    rig.again().await;
    assert!(calling(&rig).is_empty());
    rig.again().await;
    assert_eq!(calling(&rig).len(), 1, "it has ended by itself");

    // Another incident is another matter.
    then(&mut rig, 50).await;
    then(&mut rig, 95).await;
    assert_eq!(matter(&known(&rig)[0]).acknowledged, None);
    assert_eq!(changes(&rig), ["opened web", "acknowledged web", "resolved web", "reopened web"]);
    sound(&rig);
}
