//! Readings of every intent: the recorded ones, and those in which something fails.

use serde_json::{Value, json};
use tecrax::api::ErrorClass;
use tecrax::facts::{Reading, Readings};
use tecrax::profile::{Intent, WorkflowStep};

use super::harness;

/// Steps whose recorded payload is the decoded answer of a server; ours is its text.
const DECODED: [&str; 2] = ["read_zabbix_", "read_portainer_"];
/// How one unit of the time daemon was recorded, and where we read it.
const UNIT: (&str, &str) = ("read_ntp_service_state", "read_ntp_daemon_units");

/// The step that asks Zabbix for its version.
const VERSION: &str = "read_zabbix_api_version";
/// The severities of Zabbix.
const SEVERITIES: [&str; 6] = ["not_classified", "information", "warning", "average", "high", "disaster"];
/// The counts of hosts and agents.
const COUNTS: [&str; 5] = ["enabled_host", "disabled_host", "agent_unknown", "agent_available", "agent_unavailable"];

/// The steps that an intent reads.
pub fn steps(intent: &Intent) -> Vec<&str> {
    let steps = intent.workflow.steps.iter();
    let read = steps.filter_map(|step| match step {
        WorkflowStep::Read { id, .. } => Some(id.as_str()),
        _ => None,
    });
    read.collect()
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
    // The recordings know no version that comes first, and with the problems no hosts.
    if readings.keys().any(|step| step.starts_with("read_zabbix_")) {
        readings.entry(VERSION.to_owned()).or_insert_with(|| reply("7.0.3"));
    }
    if readings.keys().any(|step| step.starts_with("read_zabbix_problem_")) {
        hosts("3", &mut readings);
    }
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

/// What Zabbix answers.
fn reply(result: &str) -> Reading {
    Reading::taken(json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string())
}

/// What no recording has.
pub fn written(normalizer: &str) -> Vec<(String, Readings)> {
    let case = |name: &str, readings: &[(&str, &str)]| {
        let readings = readings.iter().map(|(step, text)| ((*step).to_owned(), Reading::taken(*text)));
        (name.to_owned(), readings.collect::<Readings>())
    };
    let sync = ("read_ntp_sync_state", "NTP=yes\nNTPSynchronized=yes\n");
    let no_daemon = unit("not-found", "inactive");
    let masked = "LoadState=masked\nActiveState=inactive\n";
    match normalizer {
        "normalize_ntp_health" => {
            vec![case("no daemon", &[sync, (UNIT.1, &no_daemon)]), case("no units", &[sync, (UNIT.1, "")])]
        }
        "normalize_ntp_server_observation" => {
            vec![case("no daemon", &[(UNIT.1, &no_daemon), ("read_ntp_server_variables", "")])]
        }
        "normalize_docker_services_health" => vec![case("masked", &[("read_docker_service_state", masked)])],
        "normalize_zabbix_problem_summary" => {
            SEVERITIES.iter().map(|severity| problems(severity, "3")).chain([problems("none", "0")]).collect()
        }
        "normalize_zabbix_host_availability_summary" => vec![blind()],
        "assess_network_device_management_posture" => vec![
            case("no version 2", &[SYSTEM, ("read_network_device_ssh_status", &ssh("Disabled", LIMIT))]),
            case("no limit", &[SYSTEM, ("read_network_device_ssh_status", &ssh("Enabled", ""))]),
            case("no word of version 1", &[SYSTEM, ("read_network_device_ssh_status", SILENT)]),
            case("no algorithm", &[SYSTEM, ("read_network_device_ssh_status", &ssh("Enabled", LIMIT).replace(ALGORITHM, ""))]),
        ],
        _ => Vec::new(),
    }
}

/// Problems of one severity only, and how many hosts are seen.
fn problems(open: &str, seen: &str) -> (String, Readings) {
    let count =
        |severity: &&str| (format!("read_zabbix_problem_count_{severity}"), reply(if *severity == open { "3" } else { "0" }));
    let mut readings: Readings = SEVERITIES.iter().map(count).chain([(VERSION.to_owned(), reply("7.0.3"))]).collect();
    hosts(seen, &mut readings);
    (format!("only {open} of {seen} hosts"), readings)
}

/// How many hosts are enabled, and none is disabled.
fn hosts(enabled: &str, readings: &mut Readings) {
    for (status, count) in [("enabled", enabled), ("disabled", "0")] {
        readings.entry(format!("read_zabbix_{status}_host_count")).or_insert_with(|| reply(count));
    }
}

/// A user who sees no host.
fn blind() -> (String, Readings) {
    let counts = COUNTS.iter().map(|count| (format!("read_zabbix_{count}_count"), reply("0")));
    ("no host".to_owned(), counts.chain([(VERSION.to_owned(), reply("7.0.3"))]).collect())
}

/// What a switch says of itself.
const SYSTEM: (&str, &str) = (
    "read_network_device_system_info",
    " System Name : TL-SG2452\n Hardware Version : TL-SG2452 2.0\n Software Version : 2.0.1 Build 20170414\n",
);

/// A limit of sessions.
const LIMIT: &str = " SSH MAX Client : 5\n";
/// An algorithm that is on.
const ALGORITHM: &str = " AES128-CTR : Enabled\n";
/// A server that does not say whether version 1 is on.
const SILENT: &str = " SSH Server : Enabled\n SSH Server Protocol V2 : Enabled\n SSH Idle Timeout : 120\n SSH MAX Client : 5\n AES128-CTR : Enabled\n";

fn ssh(version_2: &str, more: &str) -> String {
    let states = format!(" SSH Server : Enabled\n SSH Server Protocol V1 : Disabled\n SSH Server Protocol V2 : {version_2}\n");
    format!("{states} SSH Idle Timeout : 120\n{more} Encryption Algorithm\n{ALGORITHM}")
}
