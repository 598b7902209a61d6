//! Recorded runs of workflows, against the product's own runner on a connector that plays the recorded script.
//!
//! Compared are the questions that reach the connector, the failed tries of every step, the steps that stay without an answer and
//! their class, the class of the last failure, the bound of bytes that the connector is told, and the verdict. Readings are taken
//! beside each other here and one after another there: questions are compared as counts by action, not as a list. What policy decides
//! before a run is decided by the pack of the case, and compared with its words. Operations with states, their events, and modes that
//! change something exist only there; what is about them is left out by name, and how many there are of each is asserted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::harness;
mod front;
mod recorded;

use std::time::Duration;

use crate::support::harness::Answer;
use crate::support::profile::{Copy, known};
use crate::support::script::{Question, Script, run_within};
use serde_json::{Value, json};
use tecrax::admission::Bounds;
use tecrax::api;
use tecrax::facts::validation::{Judgement, evaluate};
use tecrax::profile::Profile;

const FILE: &str = "rexecop/workflow.json";
const RULE: &str = "validation_rules/check_ntp_health.yaml";

#[test]
fn conformance_workflow_cases() {
    let foreign = harness::run(FILE, recorded::recorded, recorded::ours);
    harness::left_out(
        &foreign,
        &[
            ("modes that change something", 3),
            ("modes that nobody declares", 2),
            ("connectors that are switched off", 1),
            ("operation states: advance", 2),
            ("operation states: cancel", 1),
            ("operation states: pause", 1),
            ("operation states: retry", 3),
            ("operation states: rollback", 1),
            ("operation states: start twice, validate before start", 2),
        ],
    );
}

/// What an environment and a policy leave of time and bytes: the narrower of both.
#[test]
fn conformance_workflow_effective_limits() {
    let foreign = harness::run_section(
        FILE,
        "effective_limits",
        |case| json!({"timeout": case["timeout"], "output_bytes": case["output_bytes"]}),
        |case| {
            let configured = case["configured"].as_u64().unwrap();
            let mut bounds = Bounds::bundled();
            for (name, value) in case["execution_controls"].as_object().unwrap() {
                match (name.as_str(), value.as_f64().filter(|value| *value > 0.0), value.as_u64()) {
                    ("timeout_seconds", Some(seconds), _) => bounds.timeout = Duration::from_secs_f64(seconds),
                    ("max_output_bytes", Some(_), Some(bytes)) => bounds.max_output_bytes = u32::try_from(bytes).unwrap(),
                    _ => return Answer::Foreign("constraints that are no amount, which no policy can hold".to_owned()),
                }
            }
            let mut question = Question::new(&["a"]);
            question.steps[0].timeout = Duration::from_secs(configured);
            question.steps[0].max_output_bytes = u32::try_from(configured).unwrap();
            let script = Script::default();
            recorded::wait(run_within(&script, &["os"], &question, &bounds));
            let told = &script.calls()[0];
            Answer::Value(json!({"timeout": told.timeout.as_secs_f64(), "output_bytes": told.max_output_bytes}))
        },
    );
    harness::left_out(&foreign, &[("constraints that are no amount, which no policy can hold", 5)]);
}

/// Time-outs as a workflow writes them. (There they are read and hold nothing.)
#[test]
fn conformance_workflow_timeout_parse() {
    let foreign = harness::run_section(
        FILE,
        "timeout_parse",
        |case| case.get("seconds").cloned().unwrap_or(json!("refused")),
        |case| {
            let read = api::Duration::parse(case["text"].as_str().unwrap());
            let seconds = |span: api::Duration| match span.as_millis() {
                whole if whole % 1000 == 0 => json!(whole / 1000),
                part => json!(Duration::from_millis(part).as_secs_f64()),
            };
            Answer::Value(read.map_or(json!("refused"), seconds))
        },
    );
    harness::left_out(&foreign, &[]);
}

/// What a rule file decides on one state. Ours always tells what it decided on: where the recorded rule tells nothing, the decision
/// alone is compared.
#[test]
fn conformance_workflow_validation_rules() {
    let content = harness::read(FILE);
    let section = &content["validation_rules"];
    let state = &section["shared_state"];
    let copy = Copy::new();
    let shipped: Value = serde_yaml::from_str(&std::fs::read_to_string(copy.path().join(RULE)).unwrap()).unwrap();
    copy.edit(RULE, "", &shipped.to_string());
    Profile::load(copy.path(), &known)
        .expect("the shipped rules, written as JSON: what is refused below is refused for its rules");
    let silent = |case: &Value| {
        case["steps"].as_array().unwrap().iter().any(|step| step["type"] == "require_equals" && step["details_from"].is_null())
    };
    let told = |case: &Value, mut verdict: Value| {
        if silent(case) {
            verdict["details"] = json!({});
        }
        verdict
    };
    let foreign = harness::run_list(
        FILE,
        "validation_rules",
        section["cases"].as_array().unwrap().clone(),
        |case| if case["expect"]["ok"] == true { told(case, case["expect"]["result"].clone()) } else { json!("refused") },
        |case| {
            if case["expect"]["ok"] == true
                && let Some(why) = recorded::foreign_rule(&case["steps"])
            {
                return Answer::Foreign(why.to_owned());
            }
            let copy = Copy::new();
            let mut steps = recorded::written_out(&case["steps"]);
            if case["expect"]["ok"] == true
                && case["steps"].as_array().unwrap().iter().all(|step| step["type"] == "require_mapping")
            {
                // Ours end in a decision; this one is not reached, or its name shows.
                let end = json!({"type": "require_equals", "path": "inv.n", "value": 1, "pass_rule": "end", "fail_rule": "end", "details_from": "inv"});
                steps.as_array_mut().unwrap().push(end);
            }
            copy.edit(RULE, "", &json!({"validation_rule": {"steps": steps}}).to_string());
            Answer::Value(match Profile::load(copy.path(), &known) {
                Err(_) => json!("refused"),
                Ok(profile) => {
                    let Judgement { verdict, details } = evaluate(&profile.intents["check_ntp_health"].validation, state);
                    told(case, json!({"passed": verdict.passed, "rule": verdict.rule, "details": details}))
                }
            })
        },
    );
    harness::left_out(&foreign, &[("rules that go by Python's idea of truth", 5), ("details with references", 2)]);
}

/// Which roots of a profile load.
#[test]
fn conformance_workflow_profile_contract() {
    let foreign = harness::run_section(
        FILE,
        "profile_contract",
        |case| case["ok"].clone(),
        |case| {
            let mut document = case["document"].clone();
            // Workflows carry the name of their profile.
            if let Some(name) = document.pointer_mut("/profile_contract/name").filter(|name| **name == "n") {
                *name = json!("tecrax");
            }
            let copy = Copy::new();
            copy.edit("profile.yaml", "", &document.to_string());
            Answer::Value(json!(Profile::load(copy.path(), &known).is_ok()))
        },
    );
    harness::left_out(&foreign, &[]);
}

/// The rest of the file is about operations that are approved, paused, resumed and put into windows of maintenance. A pair has no such
/// states: it is due or not, and every run reads only.
#[test]
fn conformance_workflow_sections_are_accounted_for() {
    let content = harness::read(FILE);
    let compared = ["cases", "effective_limits", "timeout_parse", "validation_rules", "profile_contract"];
    let foreign = ["transitions", "transition_cases", "maintenance_windows"];
    let about = ["format", "profile_contract_used"];
    for (name, section) in content.as_object().unwrap() {
        let count = section.as_array().map_or_else(|| section.as_object().map_or(1, serde_json::Map::len), Vec::len);
        if foreign.contains(&name.as_str()) {
            println!("{FILE} {name}: {count} left out, operation states");
        }
        let known = [&compared[..], &foreign, &about].concat().contains(&name.as_str());
        assert!(known, "{name}: a section that nobody looks at");
    }
}
