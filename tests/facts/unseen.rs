//! Could not look is not healthy: whatever reading is lost.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tecrax::api::{Assessment, ErrorClass, Expect, LabelName, Operator, Otherwise};
use tecrax::facts::{self, Outcome, Reading, Readings};
use tecrax::profile::{Intent, Profile, WorkflowStep};

use crate::support::harness;
use crate::support::profile::known;
use crate::support::recorded_readings::readings;

/// A reading that is shown and decides nothing.
const SHOWN_ONLY: [&str; 1] = ["read_docker_socket_state"];

/// Recorded readings of an intent, by its last normalizer.
pub fn recorded(intent: &Intent) -> Vec<Readings> {
    let normalizer = intent.workflow.steps.iter().rev().find_map(|step| match step {
        WorkflowStep::Normalize { action, .. } => Some(action.as_str()),
        _ => None,
    });
    let file = match normalizer.expect("a normalizer") {
        "aggregate_monitoring_host_diagnosis" => "diagnosis".to_owned(),
        "assess_network_device_management_posture" => "normalize/normalize_network_device_inventory".to_owned(),
        other => format!("normalize/{other}"),
    };
    let content = harness::read(&format!("tecrax/{file}.json"));
    let cases = content["cases"].as_array().expect("cases").iter();
    cases.map(|case| with_hosts(readings(&harness::expand(case)["connector_results"]))).collect()
}

/// The other stack does not ask how many hosts the token of a problem summary sees.
fn with_hosts(mut readings: Readings) -> Readings {
    if readings.keys().any(|step| step.starts_with("read_zabbix_problem_count_")) {
        for (status, count) in [("enabled", "5"), ("disabled", "0")] {
            let answer = json!({"jsonrpc": "2.0", "result": count, "id": 1}).to_string();
            readings.entry(format!("read_zabbix_{status}_host_count")).or_insert_with(|| Reading::taken(answer));
        }
    }
    readings
}

/// Every recorded set of readings that is healthy, with each of its readings lost in turn, and with all of them.
#[test]
fn what_was_not_read_is_never_healthy() {
    let lost = || Reading::Failed { class: ErrorClass::Timeout, message: "x".into(), next_step: None };
    let profile = Profile::embedded(&known).expect("the bundled profile");
    for intent in profile.intents.values() {
        let assessed = |readings: &Readings| facts::assemble(intent, readings, "default/x", &[]).assessment;
        let healthy: Vec<Readings> =
            recorded(intent).into_iter().filter(|readings| assessed(readings) == Assessment::Healthy).collect();
        assert!(!healthy.is_empty(), "{}: no recorded readings are healthy", intent.id);
        for whole in healthy {
            for step in whole.keys().filter(|step| !SHOWN_ONLY.contains(&step.as_str())) {
                let mut part = whole.clone();
                part.insert(step.clone(), lost());
                assert_ne!(assessed(&part), Assessment::Healthy, "{} without {step}: {whole:?}", intent.id);
            }
            let none: Readings = whole.keys().map(|step| (step.clone(), lost())).collect();
            assert_eq!(assessed(&none), Assessment::Unknown, "{}", intent.id);
        }
    }
}

/// Dotted paths of everything below objects.
fn paths(value: &Value, prefix: &str, found: &mut Vec<String>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        if inner.is_object() {
            paths(inner, &path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every recorded set of readings, with each of its readings lost in turn that a fact does not rest on: the fact is what it was, or nobody
/// saw it.
#[test]
fn what_a_fact_does_not_rest_on_does_not_change_it() {
    let lost = |class| Reading::Failed { class, message: "x".into(), next_step: None };
    let absent = |key: &str| Expect {
        name: LabelName::parse("absent").unwrap(),
        key: key.into(),
        operator: Operator::DoesNotExist,
        values: Vec::new(),
        otherwise: Otherwise::Unhealthy,
    };
    let fact = |facts: &Value, key: &str| facts.pointer(&format!("/{}", key.replace('.', "/"))).cloned().unwrap_or_default();
    let profile = Profile::embedded(&known).expect("the bundled profile");
    for intent in profile.intents.values() {
        let value = |readings: &Readings| facts::assemble(intent, readings, "default/x", &[]).value;
        let mut resting = BTreeSet::new();
        for whole in recorded(intent) {
            let Some(before) = value(&whole) else { continue };
            let mut keys = Vec::new();
            paths(&before, "", &mut keys);
            for step in whole.keys() {
                for class in [ErrorClass::Timeout, ErrorClass::HttpStatus] {
                    let mut part = whole.clone();
                    part.insert(step.clone(), lost(class));
                    let Some(after) = value(&part) else { continue };
                    for key in &keys {
                        let Some(steps) = facts::rests_on(&after, key) else { continue };
                        assert!(!steps.is_empty(), "{}: {key} rests on nothing", intent.id);
                        resting.insert(key.clone());
                        let same = fact(&after, key) == fact(&before, key);
                        let unseen = || facts::evaluate(&absent(key), &after) == Outcome::NotObserved;
                        assert!(
                            same || steps.contains(&step.as_str()) || unseen(),
                            "{}: {key} without {step}: {whole:?}",
                            intent.id
                        );
                    }
                }
            }
        }
        // What is said of the way a device is managed is made of all that it prints.
        assert_eq!(resting.is_empty(), intent.contract.id == "tecrax.network_management_posture", "{}", intent.id);
    }
}
