//! Recorded behaviour of the Python stack's profile, against ours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

mod diagnosis;
mod rules;

use std::collections::BTreeSet;

use crate::support::harness;

use crate::support::harness::{Answer, Deviations};
use crate::support::recorded_readings::readings;
use serde_json::{Number, Value, json};
use tecrax::facts::validation::Judgement;
use tecrax::facts::{self, Context, contracts, number, text, validation};
use tecrax::reaction::artifacts;

/// The version that was recorded.
const RECORDED: &str = "1.0";

#[test]
fn conformance_tecrax_contracts() {
    harness::run(
        "tecrax/contracts.json",
        |case| case["errors"].clone(),
        |case| {
            let expected_id = case["expected_contract_id"].as_str();
            Answer::Value(json!(contracts::validate(&case["facts"], expected_id, RECORDED)))
        },
    );
}

#[test]
fn conformance_tecrax_primitives() {
    harness::run("tecrax/primitives.json", |case| case["result"].clone(), primitive);
}

fn primitive(case: &Value) -> Answer {
    let function = case["fn"].as_str().expect("a function");
    let arg = &case["arg"];
    let words = arg.as_str().unwrap_or_default();
    let limit = || usize::try_from(case["kwargs"]["limit"].as_u64().expect("a limit")).expect("a limit");
    Answer::Value(match function {
        "integer" => number::integer(words).map_or(Value::Null, whole),
        "float_value" => number::float(words).map_or(Value::Null, real),
        "bounded_float" => number::float(words).map(number::clamp_signed).map_or(Value::Null, real),
        "load_float" => number::load_value(arg).map_or(Value::Null, real),
        "signed_float" => number::signed_value(arg).map_or(Value::Null, real),
        "count_int" => json!(number::count_value(arg)),
        "single_line" => json!(text::collapse(words, limit())),
        "splitlines" => json!(text::lines(words).collect::<Vec<_>>()),
        "split_whitespace" => json!(text::tokens(words).collect::<Vec<_>>()),
        "strip" => json!(text::trim(words)),
        "lower" => json!(text::lower(words)),
        "upper" => json!(text::upper(words)),
        "is_alnum" => json!(words.chars().map(artifacts::is_alphanumeric).collect::<Vec<_>>()),
        "bounded_token" => json!(artifacts::token(words, limit())),
        "fixture_ref" => json!(artifacts::fixture_ref(words)),
        "json_ascii_compact" => json!(facts::json::ascii_compact(arg)),
        other => panic!("no function of ours is {other}"),
    })
}

/// An integer as the parser of the recordings reads it: a float beyond 64 bits.
fn whole(value: i128) -> Value {
    serde_json::from_str(&value.to_string()).expect("digits are JSON")
}

fn real(value: f64) -> Value {
    let name = if value.is_nan() {
        "nan"
    } else if value > 0.0 {
        "inf"
    } else {
        "-inf"
    };
    Number::from_f64(value).map_or_else(|| json!({"$float": name}), Value::Number)
}

#[test]
fn conformance_tecrax_validation_rules() {
    harness::run(
        "tecrax/validation_rules.json",
        |case| case["expect"].clone(),
        |case| {
            let intent = case["intent"].as_str().expect("an intent");
            let Some(rule) = rules::rule(intent) else {
                return Answer::Foreign(format!("an intent {intent}"));
            };
            let Judgement { verdict, details } = validation::evaluate(&rule, &case["shared_state"]);
            Answer::Value(json!({"passed": verdict.passed, "rule": verdict.rule, "details": details}))
        },
    );
}

#[test]
fn conformance_tecrax_normalize_normalize_basic_host_inventory() {
    normalize("normalize_basic_host_inventory");
}

#[test]
fn conformance_tecrax_normalize_normalize_ntp_health() {
    normalize("normalize_ntp_health");
}

#[test]
fn conformance_tecrax_normalize_normalize_host_security_posture() {
    normalize("normalize_host_security_posture");
}

#[test]
fn conformance_tecrax_diagnosis() {
    harness::run("tecrax/diagnosis.json", |case| case["expect"].clone(), |case| Answer::Value(diagnosis::answer(case)));
}

#[test]
fn conformance_tecrax_normalize_aggregate_monitoring_host_diagnosis() {
    let file = "tecrax/normalize/aggregate_monitoring_host_diagnosis.json";
    let state_key = facts::subject("aggregate_monitoring_host_diagnosis").map(|subject| subject.state_key);
    assert_eq!(harness::read(file)["state_key"].as_str(), state_key, "{file} stores its facts elsewhere");
    harness::run(file, |case| case["expect"].clone(), |case| Answer::Value(diagnosis::aggregated(&case["shared_state"])));
}

#[test]
fn conformance_tecrax_normalize_normalize_docker_services_health() {
    normalize("normalize_docker_services_health");
}

#[test]
fn conformance_tecrax_normalize_normalize_ntp_server_observation() {
    normalize("normalize_ntp_server_observation");
}

#[test]
fn conformance_tecrax_normalize_normalize_zabbix_health() {
    normalize("normalize_zabbix_health");
}

#[test]
fn conformance_tecrax_normalize_normalize_zabbix_problem_summary() {
    normalize("normalize_zabbix_problem_summary");
}

#[test]
fn conformance_tecrax_normalize_normalize_zabbix_host_availability_summary() {
    normalize("normalize_zabbix_host_availability_summary");
}

#[test]
fn conformance_tecrax_normalize_normalize_portainer_health() {
    normalize("normalize_portainer_health");
}

#[test]
fn conformance_tecrax_normalize_normalize_adguard_health() {
    normalize("normalize_adguard_health");
}

#[test]
fn conformance_tecrax_normalize_normalize_network_device_inventory() {
    normalize("normalize_network_device_inventory");
}

/// The recorded cases hand over an inventory; the product makes it of the same readings.
#[test]
fn conformance_tecrax_normalize_assess_network_device_management_posture() {
    harness::run(
        "tecrax/normalize/assess_network_device_management_posture.json",
        |case| case["expect"].clone(),
        |case| {
            Answer::Value(match facts::assess_management_posture(&case["shared_state"]["network_device_inventory"]) {
                Ok(facts) => json!({"facts": facts::project(&facts, RECORDED).expect("a projection")}),
                Err(error) => json!({"error": {"message": error.to_string()}}),
            })
        },
    );
}

/// Our facts as the version that was recorded.
fn normalize(name: &str) {
    let file = format!("tecrax/normalize/{name}.json");
    let normalizer = facts::normalizer(name).expect("a normalizer that is built");
    let state_key = facts::subject(name).map(|subject| subject.state_key);
    assert_eq!(harness::read(&file)["state_key"].as_str(), state_key, "{file} stores its facts elsewhere");
    harness::run(
        &file,
        |case| case["expect"].clone(),
        |case| {
            let readings = readings(&case["connector_results"]);
            let target = case["target"].as_str().expect("a target");
            Answer::Value(match normalizer(&readings, &Context { target }) {
                Ok(facts) => json!({"facts": facts::project(&facts, RECORDED).expect("a projection")}),
                Err(error) => json!({"error": {"message": error.to_string()}}),
            })
        },
    );
}

/// The profile is whole: every recorded normalizer is one of ours, every one of ours is recorded, and a test above compares it.
#[test]
fn conformance_tecrax_normalizers_are_all_compared() {
    let folder = harness::directory().join("tecrax/normalize");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut recorded = BTreeSet::new();
    for entry in entries {
        let name = entry.expect("a readable entry").file_name().into_string().expect("a name in UTF-8");
        let Some(name) = name.strip_suffix(".json") else { continue };
        assert!(facts::normalizer(name).is_some(), "{name}: recorded, and nothing of ours");
        let test = format!("fn conformance_tecrax_normalize_{name}()");
        assert!(include_str!("checks.rs").contains(&test), "{name}: recorded, and no test compares it");
        recorded.insert(name.to_owned());
    }
    let ours: BTreeSet<String> = facts::subjects().iter().map(|subject| subject.normalizer.to_owned()).collect();
    assert_eq!(ours, recorded, "a normalizer has no recorded file");
}

#[test]
fn conformance_tecrax_deviations() {
    let deviations = Deviations::read(&harness::directory());
    for file in deviations.files() {
        assert!(harness::directory().join(file).is_file(), "deviations.yaml names {file}, which does not exist");
    }
}
