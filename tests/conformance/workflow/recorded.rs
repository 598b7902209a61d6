//! Recorded workflows in our terms, and what our runner makes of them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tecrax::admission::{Bounds, admit};
use tecrax::api::{self, ErrorClass, Retry, RetryClass};
use tecrax::facts::validation::evaluate;
use tecrax::plan::propose;
use tecrax::profile::{Profile, ValidationRule, ValidationStep};
use tecrax::run::Run;

use super::front;
use crate::support::harness::Answer;
use crate::support::profile::{Copy, known};
use crate::support::script::{Act, Question, Said, Script, pair, run_within, step, target};

/// Bound of a result there when no policy gives one.
const DEFAULT_BYTES: u64 = 65_536;
const WORKFLOW: &str = "workflows/check_ntp_health.yaml";
const RULE: &str = "validation_rules/check_ntp_health.yaml";

/// Runs to the end on a paused clock.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(work)
}

/// Their classes and ours. What nobody knows is `unknown`, there as here; our classes are a closed list.
const CLASSES: [(&str, ErrorClass); 6] = [
    ("timeout", ErrorClass::Timeout),
    ("transient_connector_error", ErrorClass::Transient),
    ("auth_failed", ErrorClass::AuthRefused),
    ("validation_failed", ErrorClass::OutputCut),
    ("policy_denied", ErrorClass::BoundReached),
    ("unknown", ErrorClass::CommandFailed),
];

fn class(word: &str) -> ErrorClass {
    CLASSES.iter().find(|(theirs, _)| *theirs == word).map_or(ErrorClass::CommandFailed, |(_, ours)| *ours)
}

fn word(class: ErrorClass) -> &'static str {
    CLASSES.iter().find(|(_, ours)| *ours == class).map_or("unknown", |(theirs, _)| theirs)
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn steps(case: &Value) -> impl Iterator<Item = &Value> {
    case["workflow"]["steps"].as_array().into_iter().flatten().filter(|step| step["type"] == "connector")
}

/// What a recorded case came to.
pub fn recorded(case: &Value) -> Value {
    let expect = &case["expect"];
    if let Some(error) = front::refusal_by_policy(case) {
        return json!({"refused": error});
    }
    let refused = |result: &Value| result["type"] == "RExecOpValidationError" && expect["connector_calls"] == json!([]);
    let starts = expect["commands"].as_array().into_iter().flatten();
    if !expect["plan_error"].is_null() || starts.into_iter().any(|command| refused(&command["result"])) {
        return json!({"refused": true});
    }
    let last = &expect["final"];
    let mut calls: BTreeMap<&str, u64> = BTreeMap::new();
    for call in expect["connector_calls"].as_array().unwrap() {
        *calls.entry(text(call).split_once('.').unwrap().1).or_default() += 1;
    }
    let mut attempts: Map<String, Value> = last["attempts_by_step"].as_object().cloned().unwrap_or_default();
    let mut failed = Map::new();
    let mut last_failure = Value::Null;
    for step in steps(case) {
        let id = text(&step["id"]);
        if let Some(continued) = last["continued_failures"].get(id) {
            let class = word(class(text(&continued["error_class"])));
            attempts.insert(id.to_owned(), json!(1));
            failed.insert(id.to_owned(), json!(class));
            last_failure = json!(class);
        }
    }
    if let Some(failure) = last["last_failure"].as_object() {
        let class = word(class(text(&failure["error_class"])));
        last_failure = json!(class);
        if last["state"] == "failed" && last["validation"].is_null() {
            failed.insert(text(&failure["step_id"]).to_owned(), json!(class));
        }
    }
    json!({
        "calls": calls,
        "attempts": attempts,
        "failed": failed,
        "last_failure": last_failure,
        "bytes": expect["first_call_controls"]["max_output_bytes"],
        "passed": last["validation"]["passed"] == true,
    })
}

/// What our runner makes of it.
pub fn ours(case: &Value) -> Answer {
    if let Some(why) = foreign(case) {
        return Answer::Foreign(why);
    }
    if let Some(refused) = front::decided(case) {
        return Answer::Value(json!({"refused": refused}));
    }
    if let Some(refused) = front::aimed(case) {
        return Answer::Value(json!({"refused": refused}));
    }
    if !case["expect"]["plan_error"].is_null() {
        return Answer::Value(if loads(case) { json!({"refused": false}) } else { json!({"refused": true}) });
    }
    let standard = case["validation_rule"]["steps"][0]["path"] == "executed_steps";
    if !standard && foreign_rule(&case["validation_rule"]["steps"]).is_none() && !rule_loads(case) {
        return Answer::Value(json!({"refused": true}));
    }
    let (question, bounds) = (question(case), bounds(case));
    let target = target(&["os"]);
    if admit(propose(&pair(&target, &question))).is_err() {
        return Answer::Value(json!({"refused": true}));
    }
    let script = play(case);
    let run = wait(run_within(&script, &["os"], &question, &bounds));
    Answer::Value(told(case, &script, &run))
}

/// What of the case only the other stack has.
fn foreign(case: &Value) -> Option<String> {
    let commands: Vec<&str> = case["commands"].as_array().unwrap().iter().map(text).collect();
    let error = text(&case["expect"]["plan_error"]["error"]);
    let mode = text(&case["mode"]);
    if ["apply", "recovery"].contains(&mode) {
        Some("modes that change something".to_owned())
    } else if error.contains("mode ") || error.contains("mode:") {
        Some("modes that nobody declares".to_owned())
    } else if let Some(command) = commands.iter().find(|command| !["start", "validate"].contains(command)) {
        Some(format!("operation states: {}", command.split(':').next().unwrap_or_default()))
    } else if commands != ["start"] {
        Some("operation states: start twice, validate before start".to_owned())
    } else if error.contains("disabled") {
        Some("connectors that are switched off".to_owned())
    } else {
        None
    }
}

/// What of a rule file only the other stack has; ours decide by equality, and tell what they decided on.
pub fn foreign_rule(steps: &Value) -> Option<&'static str> {
    steps.as_array().into_iter().flatten().find_map(|step| match text(&step["type"]) {
        "require_truthy_path" => Some("rules that go by Python's idea of truth"),
        "require_mapping" if step["fail"]["details"].to_string().contains('$') => Some("details with references"),
        "require_equals" if step.get("details").is_some() => Some("details with references"),
        _ => None,
    })
}

/// The steps with the words that the other stack fills in for its authors; ours have to be written out.
pub fn written_out(steps: &Value) -> Value {
    let mut steps = steps.clone();
    for step in steps.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let word =
            |step: &serde_json::Map<String, Value>, field: &str| text(&step.get(field).cloned().unwrap_or_default()).to_owned();
        match word(step, "type").as_str() {
            "require_mapping" => {
                let key = word(step, "key");
                let mut fail = match step.get("fail") {
                    Some(Value::Object(fail)) => fail.clone(),
                    _ => {
                        serde_json::Map::from_iter([("details".to_owned(), json!({"reason": format!("missing mapping: {key}")}))])
                    }
                };
                fail.entry("rule").or_insert_with(|| json!(format!("{key}_required")));
                fail.entry("details").or_insert_with(|| json!({}));
                step.insert("fail".to_owned(), Value::Object(fail));
            }
            "require_equals" => {
                let path = word(step, "path");
                let first = path.split('.').next().unwrap_or_default();
                for (field, value) in [
                    ("pass_rule", format!("{path}_equals")),
                    ("fail_rule", format!("{path}_equals")),
                    ("details_from", first.to_owned()),
                ] {
                    step.entry(field).or_insert(json!(value));
                }
            }
            _ => {}
        }
    }
    steps
}

/// Whether a profile with the first step of the case loads.
fn loads(case: &Value) -> bool {
    let load = |change: &dyn Fn(&mut Value)| {
        let copy = Copy::new();
        let shipped = std::fs::read_to_string(copy.path().join(WORKFLOW)).unwrap();
        let mut workflow: Value = serde_yaml::from_str(&shipped).unwrap();
        change(&mut workflow["workflow"]);
        copy.edit(WORKFLOW, "", &workflow.to_string());
        Profile::load(copy.path(), &known).is_ok()
    };
    assert!(load(&|_| {}), "the shipped workflow, written as JSON");
    load(&|workflow| {
        let recorded = &case["workflow"];
        workflow["mode"] = recorded["mode"].clone();
        let Some(first) = recorded["steps"].get(0) else {
            workflow["steps"] = json!([]);
            return;
        };
        let internal = first["type"] == "internal";
        let ours = workflow["steps"].as_array_mut().unwrap();
        let ours = ours.iter_mut().find(|step| (step["type"] == "internal") == internal).unwrap();
        ours["type"] = first["type"].clone();
        match first.get("connector").and_then(Value::as_str) {
            Some("src") => {}
            Some(other) => ours["connector"] = json!(other),
            None => drop(ours.as_object_mut().unwrap().remove("connector")),
        }
        if let Some(flag) = first["metadata"].get("continue_on_error") {
            ours["continue_on_error"] = flag.clone();
        }
    })
}

/// Whether a profile with the rule file of the case loads.
fn rule_loads(case: &Value) -> bool {
    let copy = Copy::new();
    let document = json!({"validation_rule": {"steps": written_out(&case["validation_rule"]["steps"])}});
    let text = if case["validation_rule"] == "missing" { String::new() } else { document.to_string() };
    copy.edit(RULE, "", &text);
    Profile::load(copy.path(), &known).is_ok()
}

pub fn question(case: &Value) -> Question {
    let steps = steps(case).map(|recorded| {
        let max_output_bytes = u32::try_from(DEFAULT_BYTES).unwrap();
        crate::support::script::Step { max_output_bytes, ..step(text(&recorded["id"])) }
    });
    let retry = &case["workflow"]["retry"];
    let named = |field: &str, word: &str| retry[field].as_array().is_some_and(|words| words.iter().any(|named| named == word));
    let wanted = |word: &str| (retry["allowed_on"].is_null() || named("allowed_on", word)) && !named("blocked_on", word);
    let on = [("timeout", RetryClass::Timeout), ("transient_connector_error", RetryClass::Transient)];
    let retry = Retry {
        attempts: u8::try_from(retry["max_attempts"].as_u64().unwrap_or(0)).unwrap(),
        interval: Some(api::Duration::from_millis(0)),
        on: on.into_iter().filter(|(word, _)| wanted(word)).map(|(_, class)| class).collect(),
    };
    Question { retry, steps: steps.collect(), ..Question::new(&[]) }
}

/// The constraints of the policy that the case was run under.
fn bounds(case: &Value) -> Bounds {
    let mut bounds = Bounds::bundled();
    let rules = case["environment"]["policy_pack"]["rules"].as_array().into_iter().flatten();
    for constraint in rules.flat_map(|rule| rule["constraints"].as_array().into_iter().flatten()) {
        let value = constraint["value"].as_u64().unwrap();
        match text(&constraint["kind"]) {
            "output_limit" => bounds.max_output_bytes = u32::try_from(value).unwrap(),
            "max_steps" => bounds.max_steps = usize::try_from(value).unwrap(),
            "timeout" => bounds.timeout = Duration::from_secs(value),
            other => panic!("{}: constraint {other}", case["id"]),
        }
    }
    bounds
}

/// The recorded script, by step.
fn play(case: &Value) -> Script {
    let act = |answer: &Value| {
        let body = answer["data"].to_string();
        let said = if answer["success"] == true {
            Said::Text(body)
        } else {
            let class = class(text(&answer["data"]["error_class"]));
            let may_pass = class == ErrorClass::Transient;
            Said::Fail(class, may_pass, (body.len() > 100).then_some(body.len()))
        };
        Act { after: Duration::ZERO, said }
    };
    let mut script = Script::default();
    for step in steps(case) {
        if let Some(answers) = case["script"][format!("src.{}", text(&step["action"]))].as_array() {
            script.acts.insert(text(&step["id"]).to_owned(), answers.iter().map(act).collect());
        }
    }
    script
}

/// A run of ours in the form of [`recorded`].
fn told(case: &Value, script: &Script, run: &Run) -> Value {
    let action = |id: &str| text(&steps(case).find(|step| step["id"] == id).unwrap()["action"]).to_owned();
    let mut calls: BTreeMap<String, u64> = BTreeMap::new();
    for id in script.asked() {
        *calls.entry(action(&id)).or_default() += 1;
    }
    let (mut attempts, mut failed, mut last_failure) = (Map::new(), Map::new(), Value::Null);
    let (mut executed, mut results) = (Vec::new(), Map::new());
    for (step, reading) in run.plan.steps().iter().zip(&run.readings) {
        let failures: Vec<ErrorClass> =
            reading.attempts.iter().filter_map(|attempt| attempt.failure.as_ref().map(|(class, _)| *class)).collect();
        if let Some(last) = failures.last() {
            attempts.insert(step.id.clone(), json!(failures.len()));
            last_failure = json!(word(*last));
        }
        match &reading.result {
            Err(failure) => drop(failed.insert(step.id.clone(), json!(word(failure.class)))),
            Ok(output) => {
                executed.push(json!(step.id));
                results.insert(step.id.clone(), serde_json::from_str(&output.stdout).unwrap_or(Value::Null));
            }
        }
    }
    let passed = passed(&case["validation_rule"]["steps"], &executed, &results);
    let bytes = script.calls().first().map(|call| call.max_output_bytes);
    json!({"calls": calls, "attempts": attempts, "failed": failed, "last_failure": last_failure, "bytes": bytes, "passed": passed})
}

/// What the recorded rule says of our readings.
fn passed(steps: &Value, executed: &[Value], results: &Map<String, Value>) -> bool {
    let steps = steps.as_array().unwrap();
    if steps[0]["path"] == "executed_steps" {
        return !executed.is_empty();
    }
    // A word that the file leaves out decides nothing.
    let name = |step: &Value, field: &str| text(&step[field]).to_owned();
    let parse = |step: &Value| match text(&step["type"]) {
        "require_mapping" => ValidationStep::RequireMapping {
            key: name(step, "key"),
            fail_rule: name(&step["fail"], "rule"),
            fail_details: step["fail"]["details"].clone(),
        },
        _ => ValidationStep::RequireEquals {
            path: name(step, "path"),
            value: step["value"].clone(),
            pass_rule: name(step, "pass_rule"),
            fail_rule: name(step, "fail_rule"),
            details_from: name(step, "details_from"),
        },
    };
    let rule = ValidationRule { steps: steps.iter().map(parse).collect() };
    evaluate(&rule, &json!({"connector_results": results, "executed_steps": executed})).verdict.passed
}
