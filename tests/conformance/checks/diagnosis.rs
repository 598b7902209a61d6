//! Recorded diagnoses: states that are put together, and whole pipelines from readings on.

use serde_json::{Map, Value, json};
use tecrax::api::ErrorClass;
use tecrax::facts::diagnosis::{ContinuedFailure, Known, aggregate};
use tecrax::facts::{self, Context, NormalizeError, Reading, Readings};

/// The version that was recorded.
const RECORDED: &str = "1.0";
/// Component → state key → the flag that says all is well.
const COMPONENTS: [(&str, &str, &str); 8] = [
    ("host_inventory", "basic_host_inventory", "complete"),
    ("ntp", "ntp_health", "healthy"),
    ("zabbix", "zabbix_health", "healthy"),
    ("docker", "docker_services_health", "healthy"),
    ("adguard", "adguard_health", "healthy"),
    ("portainer", "portainer_health", "healthy"),
    ("host_security", "host_security_posture", "healthy"),
    ("ntp_server", "ntp_server_observation", "healthy"),
];

/// Our answer to a case of `diagnosis.json`.
pub fn answer(case: &Value) -> Value {
    match case["op"].as_str().expect("an op") {
        "aggregate_states" => aggregated(&states(case)),
        "pipeline" => pipeline(case),
        other => panic!("unknown op {other}"),
    }
}

/// The facts of states that another part of the stack left behind.
pub fn aggregated(shared: &Value) -> Value {
    let known = Known {
        states: shared.as_object().cloned().unwrap_or_default(),
        failures: failures(&shared["continued_failures"]).map(|(step, class)| ContinuedFailure::new(&step, &class)).collect(),
        ..Known::default()
    };
    told(aggregate(&known))
}

/// Flags by component as the states they stand for.
fn states(case: &Value) -> Value {
    let mut states = Map::new();
    for (component, key, flag) in COMPONENTS {
        let healthy = match case["states"][component].as_str() {
            Some("healthy") => true,
            Some("unhealthy") => false,
            _ => continue,
        };
        states.insert(key.to_owned(), json!({ (flag): healthy }));
    }
    states.insert("continued_failures".to_owned(), case["continued_failures"].clone());
    Value::Object(states)
}

fn pipeline(case: &Value) -> Value {
    let mut readings = readings(&case["connector_results"]);
    for (step, class) in failures(&case["continued_failures"]) {
        let class = match class.as_str() {
            "timeout" => ErrorClass::Timeout,
            "transient_connector_error" => ErrorClass::Transient,
            "" => ErrorClass::CommandFailed,
            other => panic!("no class of ours is {other}"),
        };
        readings.insert(step, Reading::Failed { class, message: "x".into(), next_step: None });
    }
    let normalizer = facts::normalizer("aggregate_monitoring_host_diagnosis").expect("a normalizer that is built");
    told(normalizer(&readings, &Context { target: case["target"].as_str().expect("a target") }))
}

/// What the steps answered: output of commands as it was, objects of HTTP as compact JSON.
fn readings(results: &Value) -> Readings {
    let text = |payload: &Value, key: &str| payload[key].as_str().unwrap_or_default().to_owned();
    let taken = |payload: &Value| match payload.get("stdout") {
        Some(_) => Reading::Taken { stdout: text(payload, "stdout"), stderr: text(payload, "stderr") },
        None => Reading::taken(payload.to_string()),
    };
    results.as_object().into_iter().flatten().map(|(step, payload)| (step.clone(), taken(payload))).collect()
}

/// Step and class of every recorded failure; a list is none.
fn failures(recorded: &Value) -> impl Iterator<Item = (String, String)> {
    let class = |failure: &Value| failure["error_class"].as_str().unwrap_or_default().to_owned();
    recorded.as_object().into_iter().flatten().map(move |(step, failure)| (step.clone(), class(failure)))
}

fn told(result: Result<Value, NormalizeError>) -> Value {
    match result {
        Ok(facts) => json!({"facts": facts::project(&facts, RECORDED).expect("a projection")}),
        Err(error) => json!({"error": {"message": error.to_string()}}),
    }
}
