//! What facts prove by not naming it: in a run that is unknown, too.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tecrax::api::{Assessment, ErrorClass, Expect, LabelName, Operator, Otherwise, StatusFinding, reason};
use tecrax::facts::{self, FindingKind, Outcome, Reading, Readings, Shown};

use super::{PROFILE, failed, observed};
use crate::unseen::recorded;

fn finding(component: &str, reason_code: &str) -> StatusFinding {
    let [component, reason_code] = [component, reason_code].map(str::to_owned);
    StatusFinding { kind: "facts".into(), component, reason_code, message: "x".into(), next_step: None }
}

/// Whether it is shown, whatever that rests on; `None` where the facts do not say it.
fn shows(facts: &Value, (component, reason_code): (&str, &str)) -> Option<bool> {
    match facts::shows(facts, &finding(component, reason_code)) {
        Shown::By(_) | Shown::ByAll => Some(true),
        Shown::Hidden => Some(false),
        Shown::Unsaid => None,
    }
}

fn taken(text: &str) -> Reading {
    Reading::taken(text)
}

fn reply(count: &str) -> Reading {
    Reading::taken(json!({"id": 1, "jsonrpc": "2.0", "result": count}).to_string())
}

const PROBLEMS: (&str, &str) = ("high", "zabbix_open_problems");
const AGENTS: (&str, &str) = ("agents_unavailable", "zabbix_agents_unavailable");
const CLOCK: (&str, &str) = ("ntp", "ntp_not_synchronized");
const DAEMON: (&str, &str) = ("ntp", "ntp_daemon_not_active");
const SERVER: (&str, &str) = ("daemon_state", "ntp_server_daemon_not_active");
const LEAP: (&str, &str) = ("leap", "ntp_server_not_synchronized");
const DOCKER: (&str, &str) = ("docker.service", "docker_service_not_active");
const ASLR: (&str, &str) = ("aslr", "aslr_not_full");
const LOGIN: (&str, &str) = ("web_login_reachability", "web_login_not_served");
const DNS: (&str, &str) = ("dns_resolution", "dns_not_resolving");
const VERSION_1: (&str, &str) = ("ssh_protocols", "legacy_ssh_v1_enabled");
const SERVER_OFF: (&str, &str) = ("ssh_protocols", "ssh_server_disabled");
const VERSION_2: (&str, &str) = ("ssh_protocols", "ssh_protocol_v2_disabled");
const SESSIONS: (&str, &str) = ("ssh_protocols", "ssh_max_clients_unknown");
const ALGORITHMS: (&str, &str) = ("ssh_crypto", "legacy_ssh_crypto_observed");
const FAMILY: (&str, &str) = ("device_identity", "device_family_unknown");
const FIELDS: (&str, &str) = ("one_or_more_management_fields", "one_or_more_management_fields_not_observed");

const NO_UNIT: &str = "Id=chrony.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n";
const RUNNING: &str = "Id=chrony.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n";
const SWITCH: &str = "System Name : core\nHardware Version : TL-SG2452 2.0\nSoftware Version : 2.0.1\n";
/// Of a device that does not say whether version 1 is on.
const NO_V1: &str = "SSH Server : Enabled\nProtocol V2 : Enabled\nIdle Timeout : 120\nMAX Clients : 5\n";
const SSH: &str = "SSH Server : Enabled\nProtocol V1 : Disabled\nProtocol V2 : Enabled\nIdle Timeout : 120\nMAX Clients : 5\n";

#[test]
fn facts_that_are_unknown_show_what_they_observed_and_nothing_else() {
    let lost = || failed(ErrorClass::Timeout, "no answer in time");
    let severities = ["not_classified", "information", "warning", "average", "high", "disaster"];
    let problems = |hosts: [Reading; 2]| {
        let steps = severities.map(|severity| format!("read_zabbix_problem_count_{severity}"));
        let [enabled, disabled] = hosts;
        let mut readings: Vec<(&str, Reading)> = steps.iter().map(|step| (step.as_str(), reply("0"))).collect();
        readings.extend([("read_zabbix_enabled_host_count", enabled), ("read_zabbix_disabled_host_count", disabled)]);
        observed("collect_zabbix_problem_summary_readonly", &readings)
    };
    let hosts = |counts: [Reading; 5]| {
        let names = ["enabled_host", "disabled_host", "agent_unknown", "agent_available", "agent_unavailable"];
        let steps = names.map(|name| format!("read_zabbix_{name}_count"));
        let readings: Vec<(&str, Reading)> = steps.iter().map(String::as_str).zip(counts).collect();
        observed("collect_zabbix_host_availability_summary_readonly", &readings)
    };
    let clock = |sync: Reading, units: &str| {
        observed("check_ntp_health", &[("read_ntp_sync_state", sync), ("read_ntp_daemon_units", taken(units))])
    };
    let server = |units: &str, variables: Reading| {
        let readings = [("read_ntp_daemon_units", taken(units)), ("read_ntp_server_variables", variables)];
        observed("check_ntp_server_health", &readings)
    };
    let docker = |service: Reading| {
        let socket = taken("LoadState=loaded\nActiveState=active\n");
        observed("check_docker_services_health", &[("read_docker_service_state", service), ("read_docker_socket_state", socket)])
    };
    let host = |aslr: &str| observed("collect_host_security_posture_readonly", &[("read_aslr_state", taken(aslr))]);
    let adguard = |login: Reading| {
        let dns = taken("example.com. 300 IN A 93.184.216.34\n");
        observed("check_adguard_health", &[("read_adguard_dns_resolution", dns), ("read_adguard_login_status", login)])
    };
    let device = |intent: &str, system: &str, ssh: &str| {
        let readings = [("read_network_device_system_info", taken(system)), ("read_network_device_ssh_status", taken(ssh))];
        observed(intent, &readings)
    };
    let posture = |ssh: &str| device("assess_network_device_management_posture_readonly", SWITCH, ssh);
    let inventory = |system: &str| device("collect_network_device_inventory_readonly", system, SSH);
    let synchronized = || taken("NTP=yes\nNTPSynchronized=yes\n");
    let rows = [
        ("a token that sees no host", problems([reply("0"), reply("0")]), PROBLEMS, Some(false)),
        ("hosts that were not counted", problems([reply("3"), lost()]), PROBLEMS, Some(true)),
        ("no host that was counted", problems([reply("0"), lost()]), PROBLEMS, Some(false)),
        ("no count of hosts", problems([lost(), lost()]), PROBLEMS, Some(false)),
        ("a token that sees no host", hosts([(); 5].map(|()| reply("0"))), AGENTS, Some(false)),
        ("hosts that were not counted", hosts([lost(), reply("0"), reply("0"), reply("1"), reply("0")]), AGENTS, Some(true)),
        ("no count of hosts", hosts([lost(), lost(), reply("0"), reply("0"), reply("0")]), AGENTS, Some(false)),
        ("no daemon", clock(synchronized(), NO_UNIT), CLOCK, Some(true)),
        ("a daemon that is no more", clock(synchronized(), NO_UNIT), DAEMON, Some(true)),
        ("a clock that was not seen", clock(lost(), RUNNING), CLOCK, Some(false)),
        ("a clock that was not seen", clock(lost(), RUNNING), DAEMON, Some(true)),
        ("no ntpq", server(RUNNING, failed(ErrorClass::Unsupported, "not found")), SERVER, Some(true)),
        ("no ntpq", server(RUNNING, failed(ErrorClass::Unsupported, "not found")), LEAP, Some(false)),
        ("no Docker", docker(taken("LoadState=not-found\nActiveState=inactive\n")), DOCKER, Some(true)),
        ("a service that was not seen", docker(lost()), DOCKER, Some(false)),
        ("other signals are missing", host("2\n"), ASLR, Some(true)),
        ("a parameter that says nothing", host("x\n"), ASLR, Some(false)),
        ("no login page", adguard(lost()), DNS, Some(true)),
        ("no login page", adguard(lost()), LOGIN, Some(false)),
        ("no algorithms", posture(SSH), VERSION_1, Some(true)),
        ("no algorithms", posture(SSH), ALGORITHMS, Some(false)),
        ("no algorithms", posture(SSH), FIELDS, Some(true)),
        ("no word of version 1", posture(NO_V1), VERSION_1, Some(false)),
        ("no word of version 1", posture(NO_V1), SERVER_OFF, Some(true)),
        ("no word of version 1", posture(NO_V1), VERSION_2, Some(true)),
        ("no word of version 1", posture(NO_V1), SESSIONS, Some(true)),
        ("no inventory", posture("SSH Server : Enabled\n"), VERSION_1, None),
        ("no inventory", posture("SSH Server : Enabled\n"), SERVER_OFF, Some(false)),
        ("no inventory", posture("SSH Server : Enabled\n"), FIELDS, Some(false)),
        ("no version", inventory("Hardware Version : TL-SG2452 2.0\n"), FAMILY, Some(true)),
        ("another family", inventory("Cisco IOS Software\n"), FAMILY, Some(false)),
    ];
    for (name, facts, finding, expected) in rows {
        assert_eq!(facts.assessment, Assessment::Unknown, "{name}");
        assert_eq!(shows(facts.value.as_ref().expect("facts"), finding), expected, "{name}: {finding:?}");
    }
}

/// There a value stands for what was not observed, and keys are missing.
#[test]
fn facts_of_an_old_version_do_not_say_what_was_observed() {
    let device = [("read_network_device_system_info", taken(SWITCH)), ("read_network_device_ssh_status", taken(SSH))];
    let rows = [
        (observed("check_ntp_health", &[("read_ntp_sync_state", taken("NTPSynchronized=yes\n"))]), DAEMON, Some(false)),
        (observed("collect_network_device_inventory_readonly", &device), FAMILY, Some(true)),
    ];
    for (facts, finding, now) in rows {
        let facts = facts.value.expect("facts");
        let first = facts::project(&facts, "1.0").expect("1.0");
        assert_eq!((shows(&facts, finding), shows(&first, finding)), (now, None), "{finding:?}");
    }
}

/// What a lost reading leaves absent is neither there nor missing.
#[test]
fn facts_that_a_lost_reading_leaves_absent_are_not_observed() {
    let expect = |key: &str, operator| Expect {
        name: LabelName::parse("x").expect("a name"),
        key: key.into(),
        operator,
        values: Vec::new(),
        otherwise: Otherwise::Unhealthy,
    };
    let is_absent = |value: &Value| value.is_null() || value.as_str() == Some("");
    let mut absent = 0;
    for intent in PROFILE.intents.values() {
        for whole in recorded(intent) {
            let said = facts::assemble(intent, &whole, "default/x", &[]);
            let Some(before) = said.value.filter(|_| said.assessment == Assessment::Healthy) else { continue };
            for step in whole.keys() {
                let mut part = whole.clone();
                part.insert(step.clone(), failed(ErrorClass::Timeout, "no answer in time"));
                let Some(after) = facts::assemble(intent, &part, "default/x", &[]).value else { continue };
                let mut keys = Vec::new();
                leaves("", &before, &mut keys);
                let at = |facts: &Value, key: &str| facts.pointer(&format!("/{}", key.replace('.', "/"))).cloned();
                keys.retain(|key| at(&before, key).is_some_and(|value| !is_absent(&value)));
                keys.retain(|key| at(&after, key).is_none_or(|value| is_absent(&value)));
                absent += keys.len();
                for key in keys {
                    for operator in [Operator::Exists, Operator::DoesNotExist] {
                        let outcome = facts::evaluate(&expect(&key, operator), &after);
                        assert_eq!(outcome, Outcome::NotObserved, "{} without {step}: {key} {operator:?}", intent.id);
                    }
                }
            }
        }
    }
    assert!(absent > 30, "{absent}");
}

fn leaves(path: &str, value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(map) if path != "scope" => {
            for (key, value) in map {
                leaves(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value, keys);
            }
        }
        _ => keys.push(path.to_owned()),
    }
}

#[test]
fn facts_that_keep_their_contract_show_it() {
    let invalid = ("tecrax.ntp_local_health", reason::INVALID_FACTS);
    let facts = observed("check_ntp_health", &[("read_ntp_daemon_units", Reading::taken(NO_UNIT))]).value.expect("facts");
    assert_eq!((shows(&facts, invalid), shows(&Value::Null, invalid)), (Some(true), Some(false)));
    assert_eq!(shows(&Value::Null, CLOCK), None);
}

/// Whatever facts can name is shown by facts that are healthy: a code that is about no component of the scope is about one that the
/// subject knows.
#[test]
fn facts_that_are_healthy_show_everything_that_others_name() {
    for intent in PROFILE.intents.values() {
        let all = recorded(intent);
        let mut named = BTreeSet::new();
        let mut look = |readings: &Readings| {
            let findings = facts::assemble(intent, readings, "default/x", &[]).findings.into_iter();
            let own = findings.filter(|finding| finding.kind == FindingKind::Facts);
            named.extend(own.map(|finding| (finding.component, finding.reason_code)));
        };
        for whole in &all {
            look(whole);
            for step in whole.keys() {
                let mut silent = whole.clone();
                silent.insert(step.clone(), Reading::taken(""));
                look(&silent);
            }
        }
        let healthy = all.iter().map(|readings| facts::assemble(intent, readings, "default/x", &[]));
        let healthy: Vec<Value> =
            healthy.filter(|facts| facts.assessment == Assessment::Healthy).filter_map(|facts| facts.value).collect();
        for (component, code) in &named {
            let shown = healthy.iter().any(|facts| shows(facts, (component, code)) == Some(true));
            assert!(shown, "{}: {component}/{code}", intent.id);
        }
    }
}
