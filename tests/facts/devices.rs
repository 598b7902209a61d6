//! AdGuard and network devices: what was seen, what was not, and what is named for a person.
//!
//! No switch runs here. What stands for one is constructed from the field names of the vendors' command references (TP-Link T/SG series
//! `show system-info` and `show ip ssh`, HPE V1910 `display version` and `display ssh server status`) and the recorded vectors of this profile.

use serde_json::{Value, json};
use tecrax::api::{Assessment, Coverage, ErrorClass};
use tecrax::facts::{self, Facts, Reading, Readings, assemble};
use tecrax::profile::Profile;

const DNS: &str = "read_adguard_dns_resolution";
const LOGIN: &str = "read_adguard_login_status";
const SYSTEM: &str = "read_network_device_system_info";
const SSH: &str = "read_network_device_ssh_status";

const TPLINK: &str = "System Name : core\nHardware Version : TL-SG2452 2.0\nSoftware Version : 2.0.1\n";
const TPLINK_SSH: &str =
    "SSH Server : Enabled\nProtocol V1 : Disabled\nProtocol V2 : Enabled\nIdle Timeout : 120\nMAX Clients : 5\n";
const ALGORITHM: &str = "AES256-CTR : Enabled\n";

fn taken(text: &str) -> Reading {
    Reading::taken(text)
}

fn failed(class: ErrorClass) -> Reading {
    Reading::Failed { class, message: "it failed".into(), next_step: None }
}

fn of(intent: &str, readings: &[(&str, Reading)]) -> Facts {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
    let readings: Readings = readings.iter().map(|(step, reading)| ((*step).to_owned(), reading.clone())).collect();
    assemble(&profile.intents[intent], &readings, "default/x", &[])
}

fn adguard(dns: Reading, login: Reading) -> Facts {
    of("check_adguard_health", &[(DNS, dns), (LOGIN, login)])
}

fn inventory(system: Reading, ssh: Reading) -> Facts {
    of("collect_network_device_inventory_readonly", &[(SYSTEM, system), (SSH, ssh)])
}

fn posture(system: Reading, ssh: Reading) -> Facts {
    of("assess_network_device_management_posture_readonly", &[(SYSTEM, system), (SSH, ssh)])
}

fn codes(facts: &Facts) -> Vec<&str> {
    facts.findings.iter().map(|finding| finding.reason_code.as_str()).collect()
}

fn at<'f>(facts: &'f Facts, pointer: &str) -> &'f Value {
    facts.value.as_ref().unwrap().pointer(pointer).unwrap_or_else(|| panic!("{pointer}"))
}

const GOOD: &str = "example.com. 300 IN A 93.184.216.34\n";

#[test]
fn facts_adguard_good_is_healthy_although_coverage_stays_partial() {
    let facts = adguard(taken(GOOD), taken("200"));
    assert_eq!((facts.assessment, facts.coverage, facts.verdict.passed), (Assessment::Healthy, Coverage::Partial, true));
    assert_eq!(codes(&facts), Vec::<&str>::new());
    assert_eq!((at(&facts, "/dns_answer_count"), at(&facts, "/dns_status")), (&json!(1), &json!("NOERROR")));
}

#[test]
fn facts_adguard_a_sinkhole_and_an_error_status_are_no_answers() {
    for (text, code, status) in [
        ("ads.example. 10 IN A 0.0.0.0\n", "dns_answer_blocked", json!("NOERROR")),
        ("ads.example. 10 IN AAAA ::\n", "dns_answer_blocked", json!("NOERROR")),
        (";; status: NXDOMAIN\n", "dns_not_resolving", json!("NXDOMAIN")),
        (";; status: SERVFAIL\n", "dns_not_resolving", json!("SERVFAIL")),
        (";; status: NOERROR\n", "dns_not_resolving", json!("NOERROR")),
        ("a. 1 IN CNAME b.\n", "dns_not_resolving", json!("NOERROR")),
        ("connection timed out; no servers could be reached\n", "dns_not_resolving", Value::Null),
    ] {
        let facts = adguard(taken(text), taken("200"));
        assert_eq!((facts.assessment, codes(&facts)), (Assessment::Unhealthy, vec![code]), "{text}");
        assert_eq!((at(&facts, "/dns_resolves"), at(&facts, "/dns_status")), (&json!(false), &status), "{text}");
        assert!(facts.findings[0].next_step.as_ref().unwrap().contains("record-name"), "{text}");
    }
}

#[test]
fn facts_adguard_transport_loss_is_not_service_failure() {
    for class in [
        ErrorClass::Unreachable,
        ErrorClass::NameUnresolved,
        ErrorClass::TlsUntrusted,
        ErrorClass::Timeout,
        ErrorClass::CredentialUnusable,
        ErrorClass::OutputCut,
    ] {
        let facts = adguard(failed(class), taken("200"));
        assert_eq!((facts.assessment, at(&facts, "/dns_resolves")), (Assessment::Unknown, &Value::Null), "{class:?}");
        assert_eq!(codes(&facts), [class.reason()], "{class:?}");
        let facts = adguard(taken(GOOD), failed(class));
        assert_eq!((facts.assessment, at(&facts, "/web_login_reachable")), (Assessment::Unknown, &Value::Null), "{class:?}");
        assert_eq!(at(&facts, "/scope/observed"), &json!(["dns_resolution"]));
    }
    for class in [ErrorClass::HttpStatus, ErrorClass::UnexpectedAnswer, ErrorClass::ApiError] {
        let facts = adguard(taken(GOOD), failed(class));
        assert_eq!((facts.assessment, at(&facts, "/web_login_reachable")), (Assessment::Unhealthy, &json!(false)), "{class:?}");
        assert!(codes(&facts).contains(&"web_login_not_served"), "{class:?}");
        let facts = adguard(failed(class), failed(ErrorClass::Timeout));
        assert_eq!(
            (facts.assessment, at(&facts, "/dns_resolves")),
            (Assessment::Unhealthy, &json!(false)),
            "seen and wrong: {class:?}"
        );
    }
    let facts = adguard(failed(ErrorClass::Timeout), failed(ErrorClass::Unreachable));
    assert_eq!((facts.value, facts.assessment, facts.coverage), (None, Assessment::Unknown, Coverage::Blocked));
}

#[test]
fn facts_adguard_a_login_that_is_not_served_is_named_with_its_status() {
    let facts = adguard(taken(GOOD), taken("403"));
    assert_eq!((facts.assessment, codes(&facts)), (Assessment::Unhealthy, vec!["web_login_not_served"]));
    assert!(facts.findings[0].message.contains("403"), "{:?}", facts.findings);
}

#[test]
fn facts_device_inventory_names_family_and_outdated_algorithms() {
    let ssh = format!("{TPLINK_SSH}AES128-CTR : Enabled\n3DES-CBC : Enabled\nHMAC-MD5 : Disabled\n");
    let facts = inventory(taken(TPLINK), taken(&ssh));
    assert_eq!((facts.assessment, facts.coverage, codes(&facts)), (Assessment::Healthy, Coverage::Complete, vec![]));
    assert_eq!(at(&facts, "/device/family"), "tplink_sg2452_v1");
    assert_eq!(at(&facts, "/hardening_observations/legacy_algorithms"), &json!(["3des-cbc"]));
    assert_eq!(at(&facts, "/hardening_observations/legacy_crypto_observed"), &json!(true));
}

#[test]
fn facts_device_what_was_not_read_is_not_observed() {
    let facts = inventory(taken(TPLINK), failed(ErrorClass::CommandFailed));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial));
    assert_eq!(codes(&facts), [ErrorClass::CommandFailed.reason()]);
    assert_eq!(at(&facts, "/scope/not_observed"), &json!(["ssh_management_posture"]));
    for key in ["legacy_ssh_v1_enabled", "legacy_crypto_observed", "legacy_algorithms"] {
        assert_eq!(at(&facts, &format!("/hardening_observations/{key}")), &Value::Null, "{key}");
    }
    assert_eq!(at(&facts, "/hardening_observations/mutations_observed"), &json!(false));
    assert_eq!(inventory(failed(ErrorClass::Timeout), failed(ErrorClass::Timeout)).value, None);
}

#[test]
fn facts_device_of_another_family_is_never_guessed_at() {
    let facts = inventory(taken("Cisco IOS Software, C2960\nSystem Name : x\n"), taken("SSH Server : Enabled\n"));
    assert_eq!((facts.assessment, at(&facts, "/device/family")), (Assessment::Unknown, &Value::Null));
    assert_eq!(at(&facts, "/device/system_name"), "");
    assert!(codes(&facts).contains(&"device_family_unknown"), "{:?}", facts.findings);
    assert_eq!(at(&facts, "/complete"), &json!(false));
}

#[test]
fn facts_device_ssh_versions_of_comware() {
    let hpe = "HPE V1910-24G Switch JE007A\nComware Software, Version 5.20\n";
    let versions = |version: &str| {
        let facts = inventory(taken(hpe), taken(&format!("SSH server: Enable\nSSH version: {version}\n")));
        (
            at(&facts, "/management_access/ssh_protocol_v1_enabled").clone(),
            at(&facts, "/management_access/ssh_protocol_v2_enabled").clone(),
        )
    };
    assert_eq!(versions("1.99"), (json!(true), json!(true)));
    assert_eq!(versions("2.0"), (json!(false), json!(true)));
    assert_eq!(versions("1.5"), (Value::Null, Value::Null));
}

/// What a device does not name is not observed: nothing is healthy that nobody saw.
#[test]
fn facts_posture_is_unknown_where_nobody_saw_it() {
    let of = |ssh: &str| posture(taken(TPLINK), taken(ssh));
    let scope = |facts: &Facts| (at(facts, "/scope/not_observed").clone(), at(facts, "/scope/observed").clone());
    let facts = of(&format!("{TPLINK_SSH}{ALGORITHM}"));
    assert_eq!((facts.assessment, facts.coverage, codes(&facts)), (Assessment::Healthy, Coverage::Complete, vec![]));
    assert_eq!(scope(&facts), (json!([]), json!(["ssh_protocols", "ssh_crypto", "idle_timeout"])));

    let facts = of(TPLINK_SSH);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial), "no algorithm is named");
    assert_eq!(codes(&facts), ["ssh_crypto_not_observed"]);
    assert_eq!(scope(&facts), (json!(["ssh_crypto"]), json!(["ssh_protocols", "idle_timeout"])));

    let silent = TPLINK_SSH.replace("Protocol V1 : Disabled\n", "");
    let facts = of(&format!("{silent}{ALGORITHM}"));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial), "version 1 may be on");
    assert_eq!(codes(&facts), ["ssh_protocols_not_observed"]);
    assert_eq!(scope(&facts), (json!(["ssh_protocols"]), json!(["ssh_crypto", "idle_timeout"])));

    let facts = of(&silent);
    assert_eq!((facts.assessment, scope(&facts).0), (Assessment::Unknown, json!(["ssh_protocols", "ssh_crypto"])));
    assert_eq!(codes(&facts), ["ssh_protocols_not_observed", "ssh_crypto_not_observed"]);
    assert!(facts.findings.iter().all(|finding| finding.next_step.is_some()), "{:?}", facts.findings);
}

/// A server that is off is one thing: it speaks no version and offers no algorithm.
#[test]
fn facts_posture_of_a_server_that_is_off_leaves_neither_versions_nor_algorithms_open() {
    let off = TPLINK_SSH.replace("SSH Server : Enabled", "SSH Server : Disabled");
    for ssh in [off.clone(), off.replace("Protocol V1 : Disabled\n", "")] {
        let facts = posture(taken(TPLINK), taken(&ssh));
        assert_eq!((facts.assessment, facts.coverage), (Assessment::Degraded, Coverage::Complete), "{ssh}");
        assert_eq!(codes(&facts), ["ssh_server_disabled"], "{ssh}");
        assert_eq!(at(&facts, "/scope/not_observed"), &json!([]), "{ssh}");
    }
    // What still speaks is said all the same.
    let facts = posture(taken(TPLINK), taken(&off.replace("V1 : Disabled", "V1 : Enabled")));
    assert_eq!(codes(&facts), ["ssh_server_disabled", "legacy_ssh_v1_enabled"]);
}

/// What is wrong stays wrong, whatever else nobody saw.
#[test]
fn facts_posture_seen_and_wrong_is_degraded_although_something_is_open() {
    let facts = posture(taken(TPLINK), taken(&TPLINK_SSH.replace("V1 : Disabled", "V1 : Enabled")));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Degraded, Coverage::Partial));
    assert_eq!(codes(&facts), ["legacy_ssh_v1_enabled", "ssh_crypto_not_observed"]);
}

/// 1.0 has no word for a component that a complete inventory leaves open.
#[test]
fn facts_posture_goes_back_to_what_1_0_says() {
    let back = |ssh: &str| {
        let facts = posture(taken(TPLINK), taken(ssh)).value.unwrap();
        assert_eq!(facts["contract"]["version"], "1.1");
        let first = facts::project(&facts, "1.0").unwrap();
        assert_eq!(facts::contracts::validate(&first, Some("tecrax.network_management_posture"), "1.0"), Vec::<String>::new());
        (first["assessment"]["state"].clone(), first["coverage"]["state"].clone(), first["scope"].clone())
    };
    let all = json!(["ssh_protocols", "ssh_crypto", "idle_timeout"]);
    let seen = json!({"requested": all, "observed": all, "not_observed": []});
    assert_eq!(back(TPLINK_SSH), (json!("healthy"), json!("complete"), seen.clone()));
    assert_eq!(back(&TPLINK_SSH.replace("V1 : Disabled", "V1 : Enabled")), (json!("degraded"), json!("complete"), seen));
    let none = json!({"requested": all, "observed": [], "not_observed": ["one_or_more_management_fields"]});
    assert_eq!(back("SSH Server : Enabled\n"), (json!("unknown"), json!("partial"), none));
}

#[test]
fn facts_device_posture_names_what_is_wrong_and_leaves_gaps_to_the_readings() {
    let facts = posture(taken(TPLINK), taken(&format!("{TPLINK_SSH}{ALGORITHM}")));
    assert_eq!((facts.assessment, codes(&facts), facts.verdict.passed), (Assessment::Healthy, vec![], true));
    assert_eq!(at(&facts, "/source_inventory_contract/version"), "1.1");

    let bad = TPLINK_SSH.replace("V1 : Disabled", "V1 : Enabled").replace("Idle Timeout : 120\n", "AES256-CBC : Enabled\n");
    let facts = posture(taken(TPLINK), taken(&bad));
    assert_eq!(facts.assessment, Assessment::Degraded);
    assert_eq!(codes(&facts), ["legacy_ssh_v1_enabled", "legacy_ssh_crypto_observed", "ssh_idle_timeout_unknown"]);
    assert!(facts.findings.iter().all(|finding| finding.next_step.is_some()));

    let facts = posture(taken(TPLINK), failed(ErrorClass::Timeout));
    assert_eq!((facts.assessment, facts.verdict.passed), (Assessment::Unknown, false));
    assert!(!codes(&facts).contains(&"ssh_idle_timeout_unknown"), "not looked at is no finding of its own: {:?}", facts.findings);
}
