//! Readings of every intent: the recorded ones, and those in which something fails.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tecrax::api::ErrorClass;
use tecrax::facts::{Reading, Readings};
use tecrax::profile::{Intent, WorkflowStep};

use super::harness;

/// Steps whose recorded payload is the decoded answer of a server; ours is its text.
const DECODED: [&str; 2] = ["read_zabbix_", "read_portainer_"];
/// How one unit of the time daemon was recorded, and where we read it.
const UNIT: (&str, &str) = ("read_ntp_service_state", "read_ntp_daemon_units");

/// The steps that an intent reads.
pub fn steps(intent: &Intent) -> Vec<&str> {
    let read = |step| match step {
        &WorkflowStep::Read { ref id, .. } => Some(id.as_str()),
        _ => None,
    };
    intent.workflow.steps.iter().filter_map(read).collect()
}

/// The recorded readings of a normalizer by case.
pub fn recorded(normalizer: &str) -> Vec<(String, Readings)> {
    // The posture of a device is made of the readings of its inventory.
    let file = match normalizer {
        "assess_network_device_management_posture" => "normalize_network_device_inventory",
        other => other,
    };
    let cases = harness::read(&format!("tecrax/normalize/{file}.json"))["cases"].as_array().expect("cases").clone();
    cases
        .iter()
        .map(harness::expand)
        .map(|case| (case["id"].as_str().expect("an id").to_owned(), readings(&case["connector_results"])))
        .collect()
}

fn readings(results: &Value) -> Readings {
    let text = |payload: &Value, key: &str| payload[key].as_str().unwrap_or_default().to_owned();
    let reading = |step: &str, payload: &Value| match payload {
        Value::Object(_) if is_decoded(step) => Reading::taken(payload.to_string()),
        other if is_decoded(step) => Reading::taken(json!({"value": other}).to_string()),
        _ => Reading::Taken { stdout: text(payload, "stdout"), stderr: text(payload, "stderr") },
    };
    let mut readings: Readings =
        results.as_object().into_iter().flatten().map(|(step, payload)| (step.clone(), reading(step, payload))).collect();
    if let Some(Reading::Taken { stdout, .. }) = readings.remove(UNIT.0) {
        readings.insert(UNIT.1.to_owned(), Reading::taken(unit("loaded", stdout.trim())));
    }
    readings
}

fn is_decoded(step: &str) -> bool {
    DECODED.iter().any(|prefix| step.starts_with(prefix))
}

/// What systemd says of one unit.
pub fn unit(load: &str, active: &str) -> String {
    format!("Id=ntpsec.service\nLoadState={load}\nActiveState={active}\nUnitFileState=enabled\n")
}

pub fn failed(class: ErrorClass) -> Reading {
    Reading::Failed { class, message: "it failed".into(), next_step: None }
}

/// What no recording has.
pub fn written(normalizer: &str) -> Vec<(String, Readings)> {
    let case = |name: &str, readings: &[(&str, String)]| {
        let readings = readings.iter().map(|(step, text)| ((*step).to_owned(), Reading::taken(text.as_str())));
        (name.to_owned(), readings.collect::<BTreeMap<_, _>>())
    };
    let sync = || ("read_ntp_sync_state", "NTP=yes\nNTPSynchronized=yes\n".to_owned());
    let system = || "System Name : sw\nHardware Version : T1600G TL-SG2452 1.0\nSoftware Version : 1.0\n".to_owned();
    match normalizer {
        "normalize_ntp_health" => vec![
            case("no daemon", &[sync(), (UNIT.1, unit("not-found", "inactive"))]),
            case("no units", &[sync(), (UNIT.1, String::new())]),
        ],
        "normalize_ntp_server_observation" => {
            vec![case("no daemon", &[(UNIT.1, unit("not-found", "inactive")), ("read_ntp_server_variables", String::new())])]
        }
        "normalize_docker_services_health" => {
            vec![case("masked", &[("read_docker_service_state", "LoadState=masked\nActiveState=inactive\n".to_owned())])]
        }
        "normalize_network_device_inventory" | "assess_network_device_management_posture" => {
            vec![case("identified", &[("read_network_device_system_info", system())])]
        }
        _ => Vec::new(),
    }
}
