//! What a person reads: in a notice, and in `tecrax describe escalation/NAME`.

use jiff::SignedDuration;
use serde_json::Value;
use tecrax::store::{Db, Prune, RetentionPolicy};

use super::{calling, known, matter};
use crate::support::cli::Home;
use crate::support::dead;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host};
use crate::support::receiver::Receiver;

fn sink(rig: &Rig, receiver: &Receiver) {
    let url = receiver.url();
    rig.write(
        "sink.yaml",
        &format!("apiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: hook}}\nspec: {{webhook: {{url: \"{url}\"}}}}\n"),
    );
}

/// What a Sink was told of the Escalation whose name begins so.
fn told(receiver: &Receiver, name: &str) -> Value {
    let incidents = receiver.requests().into_iter().map(|request| request.json()["incident"].clone());
    let mut of = incidents.filter(|incident| incident["escalation"].as_str().is_some_and(|named| named.starts_with(name)));
    of.next().unwrap_or_else(|| panic!("nothing was told of {name}"))
}

fn lines(incident: &Value) -> Vec<&str> {
    incident["description"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
}

/// The page of the Escalation whose name begins so.
fn page(rig: &Rig, name: &str) -> String {
    let home = Home::new();
    let state = known(rig).into_iter().find(|state| state.id.name.as_str().starts_with(name)).expect("an escalation");
    let (name, dir) = (format!("escalation/{}", state.id.name), rig.state());
    let shown = home.run(["describe", &name, "--state-dir", dir.to_str().unwrap()]);
    assert_eq!(shown.code, 0, "{shown:?}");
    shown.out
}

fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "no `{part}` in\n{page}");
    }
}

fn fleet_of(number: usize, used: u32) -> String {
    (0..number).fold(INVENTORY.to_owned(), |text, index| text + &host(&format!("web-{index:03}"), Some(used)))
}

#[tokio::test]
async fn a_notice_and_a_page_tell_what_changed_who_else_has_it_and_what_is_on_the_way() {
    let mut rig = Rig::new();
    let receiver = Receiver::start(&[]);
    sink(&rig, &receiver);
    dead::key(&rig.manifests()[0]);
    rig.write("check.yaml", INVENTORY);
    rig.write("parents.yaml", &format!("{}{}", host("gw", Some(50)), dead::target("spare", "  suspend: true\n")));
    rig.write("down.yaml", &dead::target("down", ""));
    let web = |used| {
        let parents = "  type: Host\n  dependsOn: [{name: down}, {name: gw}, {name: spare}]\n";
        host("web", Some(used)).replace("  type: Host\n", parents)
    };
    rig.write("web.yaml", &format!("{}{}", web(50), host("api", Some(50))));
    rig.once().await;
    rig.write("web.yaml", &format!("{}{}", web(95), host("api", Some(95))));
    rig.again().await;
    let incident = told(&receiver, "web.");
    assert_eq!(
        lines(&incident),
        [
            "Seen by: inventory (1 of 1 runs)",
            "Last healthy: 2026-03-01T12:00:00Z",
            "root_filesystem.available_1024: 500000 → 50000",
            "root_filesystem.available_percent: 50.0 → 5.0",
            "root_filesystem.capacity: \"50%\" → \"95%\"",
            "root_filesystem.used_1024: 500000 → 950000",
            "root_filesystem.used_percent: 50.0 → 95.0",
            "Parents: down (no answer), gw (answers), spare (not checked)",
            "The same on: api",
            "Evidence: inventory.web record 3",
        ]
    );
    assert_eq!(incident["explain"], "tecrax explain observation/inventory.web");
    assert!(incident["logIndex"].is_u64(), "{incident}");
    has(
        &page(&rig, "web."),
        &[
            "Last healthy:  2026-03-01T12:00:00Z\n",
            "Parents:       down (gives no answer), gw (answers), spare (nobody looks at it)\n",
            "Also on:       api\n",
            "Changed since it was healthy, when this was opened:\n",
            "Run:         default/inventory.web@3\n",
        ],
    );
}

#[tokio::test]
async fn a_group_has_the_proof_and_the_way_to_explain_it_of_the_member_that_began_first() {
    let mut rig = Rig::new();
    let receiver = Receiver::start(&[]);
    sink(&rig, &receiver);
    rig.write("fleet.yaml", &fleet(34));
    rig.once().await;
    // One begins five minutes before the others.
    rig.write("fleet.yaml", &fleet(34).replace(&host("web-033", Some(50)), &host("web-033", Some(95))));
    rig.again().await;
    rig.write("fleet.yaml", &fleet_of(34, 95));
    rig.again().await;
    let calls = calling(&rig);
    assert!(calls.len() == 1 && calls[0].starts_with("group."), "{calls:?}");
    let incident = told(&receiver, "group.");
    assert_eq!(incident["explain"], "tecrax explain observation/inventory.web-033");
    let lines = lines(&incident);
    for line in ["Began with: inventory.web-033", "Last healthy: 2026-03-01T12:00:00Z"] {
        assert!(lines.contains(&line), "no `{line}` among {lines:#?}");
    }
    let group = known(&rig).into_iter().find(|state| matter(state).target.is_none()).unwrap();
    let run = matter(&group).context.run.clone().expect("the run behind it");
    assert_eq!((run.pair.as_str(), &incident["logIndex"]), ("inventory.web-033", &Value::from(run.index)));
    has(
        &page(&rig, "group."),
        &[
            "Began with:    inventory.web-033\n",
            "Stands for:\n  web-000.",
            "  and 2 more\n",
            "More:        tecrax explain observation/inventory.web-033\n",
        ],
    );
    has(&page(&rig, "web-003."), &[&format!("Suppressed:    PartOfGroup by {}\n", group.id.name)]);
    let home = Home::new();
    let (name, dir) = (group.id.name.to_string(), rig.state());
    let object = home.run(["get", "escalations", &name, "-o", "json", "--state-dir", dir.to_str().unwrap()]);
    let object: Value = serde_json::from_str(&object.out).unwrap_or_else(|_| panic!("{object:?}"));
    assert_eq!(object["status"]["evidenceRefs"][1], format!("default/{}@{}", run.pair, run.seq));
    let proposal: Value = serde_json::from_str(object["status"]["proposal"].as_str().expect("a proposal")).unwrap();
    assert_eq!(proposal["authority"]["may_execute"], false);
}

#[tokio::test]
async fn a_group_of_lost_targets_says_where_it_began() {
    let mut rig = Rig::new();
    dead::key(&rig.manifests()[0]);
    rig.write("fleet.yaml", &fleet(6));
    rig.once().await;
    let dead = (0..6).fold(INVENTORY.to_owned(), |text, index| text + &dead::target(&format!("web-{index:03}"), ""));
    rig.write("fleet.yaml", &dead);
    rig.again().await;
    let page = page(&rig, "group.");
    has(&page, &["Began with:    inventory.web-00", "Last healthy:  2026-03-01T12:00:00Z\n", "Log index:   "]);
    assert!(!page.contains("Changed since"), "who gives no answer has no facts: {page}");
}

#[tokio::test]
async fn facts_that_were_not_compared_are_said_not_to_be() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(150));
    rig.once().await;
    rig.pass(3_600);
    let policy = RetentionPolicy { max_age: Some(SignedDuration::from_mins(30)), max_bytes: None };
    let pruned = Db::open(&rig.state(), "x").unwrap().prune(&policy, Prune::Now, rig.at).unwrap();
    assert_eq!(pruned.map(|pruned| pruned.pruned), Some(256), "the healthy run of the first is dropped");
    rig.write("fleet.yaml", &format!("{}{}", INVENTORY, host("web-000", Some(95))));
    rig.once().await;
    has(
        &page(&rig, "web-000."),
        &["not compared: the last healthy run is too far back in the log, or was dropped by retention\n"],
    );
}

#[tokio::test]
async fn of_very_many_matters_at_once_those_that_were_not_compared_say_so() {
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(65));
    rig.once().await;
    rig.write("fleet.yaml", &fleet_of(65, 95));
    rig.again().await;
    let states = known(&rig);
    let left_out = states.iter().filter(|state| matter(state).context.uncompared.is_some()).count();
    assert_eq!((states.len(), left_out), (66, 2), "64 are compared");
    has(&page(&rig, "web-064."), &["not compared: too many matters began at once\n"]);
}
