//! What runs seal: bundles in the truthful form, and nothing in them that was not meant to leave the house.

use crate::support;

use std::sync::Arc;

use crate::support::cli::Home;
use crate::support::engine::Rig;
use crate::support::export::{Exported, records, runs};
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;
use regex::Regex;
use serde_json::{Value, json};
use tecrax::connect::{Environment, OpenContext};
use tecrax::engine::{Engine, EngineOptions, reconcile};
use tecrax::evidence::Show;
use tecrax::evidence::bundle::{FilesError, files};
use tecrax::evidence::json::{Limits, canonical, read};
use tecrax::evidence::sclite::{Bundle, schema, verify_bundle};
use tecrax::plan::Mode;
use tecrax::secrets::Redactor;
use tecrax::store::{Db, Store};

const ARTIFACTS: [&str; 6] =
    ["intent_contract", "policy_decision", "execution_contract", "execution_ticket", "execution_receipt", "evidence_contract"];
const SHARED: [&str; 3] = ["intent_contract", "policy_decision", "execution_contract"];

/// The machine this runs on, as a Target of the lab.
const LOCAL: &str = "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: here, labels: {site: lab}}\n\
                     spec: {type: Host, connections: [{name: os, local: {}}]}\n";

fn rig(used: Option<u32>) -> Rig {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", used));
    rig
}

fn only(runs: Vec<Exported>) -> Exported {
    let [run] = <[Exported; 1]>::try_from(runs).expect("one run");
    run
}

fn directory(run: &Exported) -> Bundle {
    let mut bundle = Bundle::new("bundle");
    for (path, bytes) in run.files() {
        bundle.insert(path, bytes).unwrap();
    }
    bundle
}

/// Everything about a run's bundle that must hold whatever the run said.
fn sound(run: &Exported) {
    for name in ARTIFACTS {
        let bytes = &run.parts[name];
        let value = read(bytes, &Limits::STRICT).unwrap().value;
        let declared = value.text_at(&["schema_ref"]).expect("a schema");
        schema::validate(&value, declared).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(value.text_at(&["artifact_type"]), Some(name));
    }
    for (name, bytes) in run.parts.iter().chain([(&"body".to_owned(), &run.body_bytes)]) {
        assert_eq!(canonical(&read(bytes, &Limits::STRICT).unwrap().value), *bytes, "{name} is not canonical");
    }
    let report = verify_bundle(&directory(run), None);
    assert!(report.is_clean(), "{:#?}", report.findings);
    let receipt = run.part("execution_receipt");
    let host = run.part("intent_contract")["target"]["host"].clone();
    assert!(host.as_str().unwrap().contains('.'));
    assert_eq!(run.part("policy_decision")["scope"]["target_host"], host);
    assert_eq!(run.part("execution_contract")["target_binding"]["target_host"], host);
    let ticket = run.part("execution_ticket");
    assert_eq!(ticket["scope_binding"]["target_host"], host);
    // RFC 3339 with one offset sorts as text.
    let time = |value: &Value| {
        let text = value.as_str().unwrap().to_owned();
        assert!(Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$").unwrap().is_match(&text), "{text}");
        text
    };
    let window = [
        time(&run.part("intent_contract")["created_at"]),
        time(&ticket["validity"]["not_before"]),
        time(&receipt["execution"]["started_at"]),
        time(&receipt["execution"]["ended_at"]),
        time(&ticket["validity"]["not_after"]),
    ];
    assert!(window.is_sorted(), "{window:?}");
    assert_eq!(receipt["ticket_use"]["ticket_id"], ticket["ticket_id"]);
    assert_eq!((&ticket["execution_limits"]["max_runs"], &ticket["scope_binding"]["mode"]), (&json!(1), &json!("live")));
}

#[tokio::test]
async fn a_run_of_this_machine_is_completed_and_claims_what_it_did() {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("here.yaml", LOCAL);
    rig.once().await;
    let run = runs(&rig.state(), "default/inventory.here").remove(0);
    sound(&run);
    let receipt = run.part("execution_receipt");
    assert_eq!(receipt["outcome"]["status"], "completed");
    assert_eq!(receipt["execution"]["executed_command_count"], 1);
    assert_eq!(receipt["execution"]["network_execution_performed"], false, "nothing went over the network");
    assert_eq!(run.part("execution_contract")["execution_bounds"]["network_execution_allowed"], false);
    let claim = &run.part("evidence_contract")["claims"][0];
    assert_eq!(
        (&claim["claim_type"], &claim["requires_completed_execution"]),
        (&json!("receipt_bounded_execution"), &json!(true))
    );
    assert_eq!(claim["status"], if run.body["coverage"] == "complete" { "met" } else { "partial" });
    // Everything that the run binds.
    let ours = &receipt["tecrax"];
    for key in ["manifest_digest", "profile_digest"] {
        assert_eq!(ours["provenance"][key].as_str().unwrap().len(), 64, "{key}");
    }
    assert_eq!(ours["provenance"]["tool_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&ours["provenance"]["git_revision"], &ours["provenance"]["git_dirty"]), (&Value::Null, &json!(false)));
    assert_eq!(run.part("execution_contract")["tecrax"]["plan_digest"], run.body["plan_digest"]);
    let steps = run.part("execution_contract")["execution_shape"]["normalized_args"].as_array().unwrap().clone();
    let readings = ours["readings"].as_array().unwrap();
    assert_eq!(steps.len(), readings.len());
    for (step, reading) in steps.iter().zip(readings) {
        assert_eq!((&step["step"], &reading["outcome"]), (&reading["step"], &json!("ok")));
        assert_eq!(step["shape"].as_str().unwrap().len(), 64);
        assert_eq!(reading["output_digest"].as_str().unwrap().len(), 64);
    }
    assert_eq!(ours["facts"]["contract"]["id"], "tecrax.basic_host_inventory");
}

#[tokio::test]
async fn recorded_readings_claim_no_execution() {
    let rig = rig(Some(50));
    rig.once().await;
    let run = only(runs(&rig.state(), ""));
    sound(&run);
    let receipt = run.part("execution_receipt");
    assert_eq!(
        (&receipt["outcome"]["status"], &receipt["execution"]["executed_command_count"]),
        (&json!("completed"), &json!(0))
    );
    assert_eq!(receipt["tecrax"]["fixtures"], true);
    assert!(receipt["non_claims"].to_string().contains("receipt_does_not_describe_a_real_target"));
    let claim = &run.part("evidence_contract")["claims"][0];
    assert_eq!(
        (&claim["claim_type"], &claim["requires_completed_execution"]),
        (&json!("fixture_review_observation"), &Value::Null)
    );
    assert_eq!(run.body["fixtures"], true);
}

#[tokio::test]
async fn partial_facts_are_completed_with_partial_coverage_and_a_rerun_has_a_bundle_of_its_own() {
    let rig = rig(None);
    rig.once().await;
    let runs = runs(&rig.state(), "");
    let [first, again] = &runs[..] else { panic!("{}", runs.len()) };
    for run in [first, again] {
        sound(run);
        assert_eq!(run.part("execution_receipt")["outcome"]["status"], "completed");
        assert_eq!(run.part("execution_receipt")["tecrax"]["coverage"], "partial");
        assert_eq!(run.part("evidence_contract")["claims"][0]["status"], "partial");
        assert_eq!(
            run.body["findings"][0],
            json!({"component": "read_filesystem_usage", "kind": "reading", "reason": "CommandFailed"})
        );
    }
    assert_eq!((&first.body["parent_seq"], &again.body["parent_seq"]), (&Value::Null, &json!(1)));
    for name in SHARED {
        assert_eq!(first.parts[name], again.parts[name], "{name}");
    }
    let ticket = |run: &Exported| run.part("execution_ticket")["ticket_id"].clone();
    assert_ne!(ticket(first), ticket(again));
    log::verify(&rig.state());
}

#[tokio::test]
async fn without_facts_a_run_has_failed_and_claims_nothing() {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write(
        "dead.yaml",
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: dead, labels: {site: lab}}\nspec:\n  type: Host\n  \
         connections:\n  - {name: os, ssh: {host: 127.0.0.1, port: 1, user: nobody}}\n",
    );
    rig.once().await;
    let run = runs(&rig.state(), "").remove(0);
    let receipt = run.part("execution_receipt");
    assert_eq!((&receipt["outcome"]["status"], &receipt["execution"]["executed_command_count"]), (&json!("failed"), &json!(0)));
    assert_eq!(receipt["execution"]["network_execution_performed"], false);
    assert_eq!(run.part("execution_contract")["execution_bounds"]["network_execution_allowed"], true, "it might have");
    assert_eq!((&receipt["tecrax"]["facts"], &receipt["tecrax"]["coverage"]), (&Value::Null, &json!("blocked")));
    let claim = run.part("evidence_contract")["claims"][0].clone();
    assert_eq!((&claim["claim_type"], &claim["status"]), (&json!("fixture_review_observation"), &json!("not_met")));
    for flag in ["requires_completed_execution", "requires_network_execution", "requires_live_execution"] {
        assert_eq!(claim[flag], Value::Null);
    }
    sound(&run);
}

#[tokio::test]
async fn what_all_runs_of_a_plan_share_is_stored_once() {
    let mut rig = rig(Some(50));
    for _ in 0..3 {
        rig.again().await;
    }
    let first = runs(&rig.state(), "");
    assert_eq!(first.len(), 3);
    let digests = |run: &Exported| SHARED.map(|name| run.body["parts"][name].clone());
    assert!(first.iter().all(|run| digests(run) == digests(&first[0])));
    let stored =
        |rig: &Rig| -> i64 { log::open(&rig.state()).query_row("SELECT count(*) FROM artifacts", [], |row| row.get(0)).unwrap() };
    // The three are one row.
    assert_eq!(stored(&rig), 1);
    assert_eq!(first[2].body["planned_at"], first[0].body["planned_at"]);
    // Another time-out is another contract; it begins when it was first used.
    rig.write("check.yaml", &INVENTORY.replace("spec:\n", "spec:\n  timeout: 29s\n"));
    rig.again().await;
    let changed = runs(&rig.state(), "").pop().unwrap();
    assert_eq!(changed.part("execution_contract")["execution_bounds"]["timeout_seconds"], 29);
    assert_eq!(stored(&rig), 2);
    assert_eq!(changed.body["planned_at"].as_str().unwrap(), rig.at.to_string());
    // A process that has never seen the pair makes the same bytes.
    rig.pass(300);
    reconcile(&rig.other("second"), &rig.manifests(), Mode::Once).await.unwrap();
    assert_eq!(digests(&runs(&rig.state(), "").pop().unwrap()), digests(&changed));
    assert_eq!(stored(&rig), 2);
    log::verify(&rig.state());
}

#[tokio::test]
async fn the_files_are_a_function_of_the_record() {
    let rig = rig(Some(95));
    rig.once().await;
    let [first, again] = <[Exported; 2]>::try_from(runs(&rig.state(), "")).unwrap();
    assert_eq!(first.files(), first.files());
    let names: Vec<&str> = first.files().iter().map(|(path, _)| *path).collect();
    assert_eq!(names.len(), 9);
    assert_eq!(names[6..], ["artifact_chain_manifest.json", "verification_receipt.json", "REVIEW.md"]);
    let manifest: Value = serde_json::from_slice(&first.files()[6].1).unwrap();
    assert_eq!(manifest["root_chain_digest"], first.body["root"]);
    // A body binds its own artifacts and no others.
    let parts = |run: &'_ Exported| -> Vec<(String, Vec<u8>)> { run.parts.clone().into_iter().collect() };
    let own = parts(&first);
    let own = own.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let error = files(own.clone(), &again.body_bytes).expect_err("another run's body");
    assert!(matches!(error, FilesError::Root { .. }), "{error}");
    let error = files(own.clone().filter(|(name, _)| *name != "execution_ticket"), &first.body_bytes).expect_err("no ticket");
    assert!(matches!(error, FilesError::Missing("execution_ticket")), "{error}");
    let damaged = own.map(|(name, bytes)| if name == "intent_contract" { (name, &b"{"[..]) } else { (name, bytes) });
    let error = files(damaged, &first.body_bytes).expect_err("damaged");
    assert!(matches!(error, FilesError::Json { name: "intent_contract", .. }), "{error}");
}

/// A host whose readings name paths, addresses and a secret; its Check has a waiver that does.
fn talkative(rig: &Rig) {
    let text = "Debian of /srv/images at 192.0.2.7 and [2001:db8::7]:22 with hunter2-canary";
    rig.write("web.yaml", &host("web", Some(95)).replace("Debian GNU/Linux 12 (bookworm)", text));
    rig.write(
        "check.yaml",
        &format!(
            "{INVENTORY}  accept:\n  - {{finding: root-disk, owner: anna, expires: \"2027-03-01T00:00:00Z\", reason: \"see \
             /srv/notes or 192.0.2.8, hunter2-canary\"}}\n"
        ),
    );
}

fn engine(rig: &Rig, show: Show) -> Arc<Engine> {
    Engine::new(EngineOptions {
        profile: Arc::clone(rig.engine.profile()),
        store: Store::open(&rig.state(), "x").unwrap(),
        open: OpenContext::new(Environment::default(), true),
        now: rig.clock.now(),
        holder: format!("{show:?}"),
        redactor: Redactor::new(["hunter2-canary".to_owned()]),
        show,
        listener: Arc::new(|_| {}),
    })
}

/// Absolute paths and addresses in a text, found by other means than the product's.
fn revealed(text: &str) -> Vec<String> {
    // Times of day stand between colons like an address does.
    let text = Regex::new(r"\b\d\d:\d\d:\d\d\b").unwrap().replace_all(text, "");
    let patterns = [
        r#"(^|[\s"'=(\[,;])(/[A-Za-z0-9._-][^\s"']*)"#,
        r"\b(\d{1,3}(\.\d{1,3}){3})\b",
        r"\b([0-9a-f]{1,4}:[0-9a-f]{1,4}::?[0-9a-f:]+)",
    ];
    patterns
        .iter()
        .flat_map(|pattern| {
            Regex::new(pattern).unwrap().find_iter(&text).map(|found| found.as_str().to_owned()).collect::<Vec<_>>()
        })
        .collect()
}

#[tokio::test]
async fn no_artifact_names_a_path_an_address_or_a_secret() {
    let rig = Rig::new();
    talkative(&rig);
    rig.write("here.yaml", LOCAL);
    reconcile(&engine(&rig, Show::default()), &rig.manifests(), Mode::Once).await.unwrap();
    let web = runs(&rig.state(), "default/inventory.web").remove(0);
    let name = web.part("execution_receipt")["tecrax"]["facts"]["os"]["pretty_name"].clone();
    assert_eq!(name, "Debian of <path> at <address> and [<address>]:22 with [REDACTED]");
    let waiver = web.part("execution_receipt")["tecrax"]["waivers"][0].clone();
    assert_eq!((&waiver["owner"], &waiver["reason"]), (&json!("anna"), &json!("see <path> or <address>, [REDACTED]")));
    let kept = web.part("detail")["facts"]["os"]["pretty_name"].clone();
    assert_eq!(
        kept, "Debian of /srv/images at 192.0.2.7 and [2001:db8::7]:22 with [REDACTED]",
        "what is shown here stays as read"
    );
    for record in records(&rig.state()) {
        for (name, bytes) in record.parts.iter().chain([(&"body".to_owned(), &record.body_bytes)]) {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(!text.contains("hunter2"), "{name}: {text}");
            if name != "detail" {
                assert_eq!(revealed(&text), Vec::<String>::new(), "{name}: {text}");
            }
        }
        if record.header.kind == "run.v1" {
            sound(&record);
        }
    }
}

#[tokio::test]
async fn what_the_operator_lets_through_is_shown_and_the_receipt_says_what_is_withheld() {
    for (show, name, withheld) in [
        (Show { paths: true, addresses: false }, "Debian of /srv/images at <address>", json!(["addresses"])),
        (Show { paths: false, addresses: true }, "Debian of <path> at 192.0.2.7", json!(["paths"])),
        (Show { paths: true, addresses: true }, "Debian of /srv/images at 192.0.2.7", json!([])),
    ] {
        let rig = Rig::new();
        talkative(&rig);
        reconcile(&engine(&rig, show), &rig.manifests(), Mode::Once).await.unwrap();
        let run = runs(&rig.state(), "").remove(0);
        let ours = run.part("execution_receipt")["tecrax"].clone();
        let said = ours["facts"]["os"]["pretty_name"].as_str().unwrap();
        assert!(said.starts_with(name) && said.ends_with("[REDACTED]"), "{said}");
        assert_eq!(ours["withheld"], withheld);
        if show.paths && show.addresses {
            assert_eq!(run.part("detail")["facts"], Value::Null, "facts are kept once");
        }
        sound(&run);
    }
}

#[test]
fn the_flag_and_the_variable_let_the_same_through() {
    let shown = |flag: &[&str], variable: Option<&str>| {
        let home = Home::new();
        home.write("check.yaml", INVENTORY);
        home.write("web.yaml", &host("web", Some(50)));
        let mut command = home.command();
        command
            .env("TECRAX_STATE_DIR", home.state())
            .args(["reconcile", "--once", "--allow-fixtures"])
            .args(flag)
            .arg("manifests");
        if let Some(variable) = variable {
            command.env("TECRAX_EVIDENCE_SHOW", variable);
        }
        let ended = support::cli::ended(&mut command);
        let shown = (ended.code == 0).then(|| {
            let run = only(runs(&home.state(), ""));
            run.part("execution_receipt")["tecrax"]["facts"]["root_filesystem"]["filesystem"].as_str().unwrap().to_owned()
        });
        (ended.code, shown)
    };
    let path = |text: &str| (0, Some(text.to_owned()));
    assert_eq!(shown(&[], None), path("<path>"));
    assert_eq!(shown(&["--evidence-show", "addresses"], None), path("<path>"));
    assert_eq!(shown(&["--evidence-show", "addresses,paths"], None), path("/dev/vda1"));
    assert_eq!(shown(&[], Some("paths")), path("/dev/vda1"));
    assert_eq!(shown(&["--evidence-show", "everything"], None), (78, None));
}

#[tokio::test]
async fn a_suspension_is_sealed_once_and_explains_the_gap() {
    let mut rig = rig(Some(50));
    rig.once().await;
    rig.write("check.yaml", &format!("{INVENTORY}  suspend: true\n"));
    rig.again().await;
    rig.again().await;
    let kinds = |rig: &Rig| records(&rig.state()).into_iter().map(|record| record.header.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&rig), ["run.v1", "reaction.v1", "suspension.v1"]);
    let suspension = records(&rig.state()).pop().unwrap().body;
    assert_eq!((&suspension["suspended_by"], &suspension["cadence"]), (&json!(["Check"]), &json!({"interval": "5m"})));
    assert_eq!(suspension["manifest_digest"].as_str().unwrap().len(), 64);
    rig.write("check.yaml", INVENTORY);
    rig.again().await;
    let resumed = runs(&rig.state(), "").pop().unwrap();
    assert_eq!(resumed.body["gap"], json!({"reason": "Suspended", "since": "2026-03-01T12:05:00Z", "slots": 2}));
    assert!(!rig.pair("inventory.web").suspended);
    // Suspended anew, sealed anew.
    rig.write("check.yaml", &format!("{INVENTORY}  suspend: true\n"));
    rig.again().await;
    assert_eq!(kinds(&rig).iter().filter(|kind| *kind == "suspension.v1").count(), 2);
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_gap_names_who_is_to_blame() {
    let mut rig = rig(Some(50));
    rig.once().await;
    assert_eq!(runs(&rig.state(), "").pop().unwrap().body["gap"], Value::Null, "nothing is missed before the first run");
    rig.again().await;
    assert_eq!(runs(&rig.state(), "").pop().unwrap().body["gap"], Value::Null);
    rig.pass(1500);
    rig.once().await;
    let late = runs(&rig.state(), "").pop().unwrap().body["gap"].clone();
    assert_eq!(
        late,
        json!({"reason": "Late", "since": "2026-03-01T12:10:00Z", "slots": 4}),
        "this process was there all the time"
    );
    rig.pass(1500);
    reconcile(&rig.other("just begun"), &rig.manifests(), Mode::Once).await.unwrap();
    assert_eq!(runs(&rig.state(), "").pop().unwrap().body["gap"]["reason"], "NotRunning");
    // Somebody else holds the pair when it is due, and never records anything.
    rig.pass(300);
    let pair = rig.pair("inventory.web").pair;
    Db::open(&rig.state(), "x").unwrap().claim("hung", || rig.at, &[(pair, jiff::SignedDuration::from_secs(600))]).unwrap();
    assert_eq!(rig.once().await.tally.busy, 1);
    rig.pass(900);
    assert_eq!(rig.once().await.tally.ran, 1);
    assert_eq!(runs(&rig.state(), "").pop().unwrap().body["gap"]["reason"], "Busy");
}
