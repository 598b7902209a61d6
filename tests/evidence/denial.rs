//! A plan that policy refuses: it runs nowhere, and that stands in the log.

use std::sync::{Arc, Mutex};

use crate::support::cli::{Home, ended};
use crate::support::engine::{Rig, view};
use crate::support::export::records;
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;
use serde_json::json;
use tecrax::api::{Digest, reason};
use tecrax::connect::{Environment, OpenContext};
use tecrax::engine::{Engine, EngineOptions, Event, reconcile};
use tecrax::evidence::bundle::{FilesError, files};
use tecrax::evidence::json::{Limits, read};
use tecrax::evidence::sclite::schema;
use tecrax::evidence::{RecordKind, Show};
use tecrax::facts;
use tecrax::plan::Mode;
use tecrax::profile::{Profile, Shape, WorkflowStep};
use tecrax::secrets::Redactor;
use tecrax::store::Store;

/// The bundled profile with one shape that may read more than policy allows. The loader of profiles refuses such a shape, so that
/// this is what only a mistake of ours could bring about.
fn greedy() -> Profile {
    let mut profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
    let intent =
        profile.intents.get_mut("collect_basic_host_inventory").and_then(Arc::get_mut).expect("held by the profile alone");
    let Some(WorkflowStep::Read { shape, .. }) = intent.workflow.steps.first_mut() else { panic!("a reading") };
    *shape = Arc::new(Shape {
        connector: shape.connector.clone(),
        action: shape.action.clone(),
        request: shape.request.clone(),
        max_output_bytes: 2 << 20,
        unsupported_help: shape.unsupported_help.clone(),
        digest: Digest::of(b"greedy"),
    });
    profile
}

fn rig() -> Rig {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    rig
}

fn engine(rig: &Rig, profile: Profile, events: &Arc<Mutex<Vec<String>>>) -> Arc<Engine> {
    let events = Arc::clone(events);
    Engine::new(EngineOptions {
        profile: Arc::new(profile),
        store: Store::open(&rig.state(), "x").unwrap(),
        open: OpenContext::new(Environment::default(), true),
        now: rig.clock.now(),
        holder: "greedy".to_owned(),
        redactor: Redactor::new(["may read".to_owned()]),
        show: Show::default(),
        listener: Arc::new(move |event| {
            if let Event::Denied(pair, message) = event {
                events.lock().unwrap().push(format!("{pair}: {message}"));
            }
        }),
    })
}

#[tokio::test]
async fn a_denial_is_sealed_once_and_shown_as_the_reason_why_the_pair_is_not_ready() {
    let mut rig = rig();
    let events = Arc::default();
    let engine = engine(&rig, greedy(), &events);
    let paths = rig.manifests();
    let pass = || reconcile(&engine, &paths, Mode::Once);
    let report = pass().await.unwrap();
    assert_eq!((report.tally.ran, report.tally.fresh), (0, 0), "it did not run");
    let seen = view(&report, "inventory.web");
    assert_eq!((seen.ready, seen.reason.as_str()), (Err(reason::DENIED), reason::DENIED));
    assert!(seen.why.starts_with("policy refused the plan: step read_os_release"), "{}", seen.why);
    pass().await.unwrap();
    let denials = records(&rig.state());
    let [denial] = &denials[..] else { panic!("{denials:?}") };
    assert_eq!(denial.header.kind, RecordKind::Denial.as_str());
    assert_eq!(events.lock().unwrap().len(), 1, "told once");
    // The terms that would have been, and no ticket.
    let names: Vec<&str> = denial.parts.keys().map(String::as_str).collect();
    assert_eq!(names, ["execution_contract", "intent_contract", "policy_decision"]);
    for (name, bytes) in &denial.parts {
        let value = read(bytes, &Limits::STRICT).unwrap().value;
        schema::validate(&value, value.text_at(&["schema_ref"]).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let policy = denial.part("policy_decision");
    assert_eq!((&policy["decision"], &policy["tecrax"]["rule"]), (&json!("deny"), &json!("bundled.read-only")));
    assert_eq!(policy["tecrax"]["message"], "step read_os_release [REDACTED] 2097152 bytes", "redacted like everything");
    assert_eq!(denial.body["policy_digest"], policy["tecrax"]["policy_digest"]);
    assert_eq!(denial.part("execution_contract")["tecrax"]["plan_digest"], denial.body["plan_digest"]);
    let parts = denial.parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    assert!(matches!(files(parts, &denial.body_bytes), Err(FilesError::Missing("execution_ticket"))), "no bundle without a run");
    log::verify(&rig.state());
    // A person reads the same.
    let home = Home::new();
    let shown = |line: &str| {
        let mut command = home.command();
        ended(command.env("TECRAX_STATE_DIR", rig.state()).args(line.split(' ')))
    };
    let described = shown("describe inventory.web").out;
    assert!(described.contains("Denied:        policy refused the plan: step read_os_release"), "{described}");
    let observation: serde_json::Value = serde_json::from_str(&shown("get inventory.web -o json").out)
        .or_else(|_| serde_json::from_str(&shown("get observations inventory.web -o json").out))
        .unwrap();
    let text = observation.to_string();
    assert!(text.contains(r#""reason":"Denied""#) && text.contains(r#""status":"False""#), "{text}");
    // Once the plan is admitted the pair runs, and the denial is history.
    rig.pass(900);
    let report = rig.once().await;
    assert_eq!((report.tally.ran, view(&report, "inventory.web").ready), (1, Ok(())));
    assert!(rig.pair("inventory.web").denied.is_none());
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_pair_that_ran_before_keeps_what_it_said_and_is_not_ready() {
    let mut rig = rig();
    rig.once().await;
    rig.pass(300);
    let report = reconcile(&engine(&rig, greedy(), &Arc::default()), &rig.manifests(), Mode::Once).await.unwrap();
    let seen = view(&report, "inventory.web");
    assert_eq!((seen.ready, seen.reason.as_str()), (Err(reason::DENIED), reason::ALL_HEALTHY));
    rig.pass(600);
    rig.once().await;
    let gap = records(&rig.state()).into_iter().rfind(|record| record.header.kind == "run.v1").unwrap().body["gap"].clone();
    assert_eq!((&gap["reason"], &gap["slots"]), (&json!("Denied"), &json!(2)));
}
