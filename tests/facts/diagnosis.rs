//! The diagnosis: what each component becomes, and what the whole makes of it.

use crate::support;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::support::monitoring::WELL;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tecrax::api::{Assessment, Coverage, ErrorClass};
use tecrax::facts::diagnosis::{ContinuedFailure, Known, aggregate};
use tecrax::facts::{self, Context, Facts, FindingKind, Reading, Readings, assemble, contracts};
use tecrax::profile::{Intent, Profile, WorkflowStep};

const DIAGNOSIS: &str = "diagnose_monitoring_host";
const ROLES: [&str; 4] = ["zabbix", "adguard", "adguard-dns", "portainer"];

fn intent() -> Arc<Intent> {
    Arc::clone(&Profile::embedded(&support::profile::known).expect("the embedded profile").intents[DIAGNOSIS])
}

/// Every step with its role.
fn steps() -> Vec<(String, String)> {
    let read = |step: &WorkflowStep| match step {
        WorkflowStep::Read { id, connector, .. } => Some((id.clone(), connector.role.name.to_string())),
        _ => None,
    };
    intent().workflow.steps.iter().filter_map(read).collect()
}

fn well() -> Readings {
    WELL.iter().map(|(step, text)| ((*step).to_owned(), Reading::taken(*text))).collect()
}

fn failed(class: ErrorClass, message: &str) -> Reading {
    Reading::Failed { class, message: message.into(), next_step: None }
}

/// `well`, with every step of a role replaced.
fn with_role(mut readings: Readings, role: &str, reading: &Reading) -> Readings {
    for (step, of) in steps() {
        if of == role {
            readings.insert(step, reading.clone());
        }
    }
    readings
}

fn with(mut readings: Readings, step: &str, reading: Reading) -> Readings {
    assert!(readings.insert(step.to_owned(), reading).is_some(), "{step} is no step");
    readings
}

fn run(readings: &Readings) -> Facts {
    let facts = assemble(&intent(), readings, "mon-01", &[]);
    let value = facts.value.as_ref().expect("a diagnosis always has facts");
    assert_eq!(contracts::validate(value, Some("tecrax.monitoring_host_diagnosis"), "1.1"), Vec::<String>::new());
    assert!(facts.verdict.passed, "{:?}", facts.verdict.rule);
    facts
}

fn component(facts: &Facts, name: &str) -> (String, Value) {
    let component = &facts.value.as_ref().unwrap()["components"][name];
    (component["status"].as_str().unwrap().to_owned(), component["reason"].clone())
}

fn at(facts: &Facts, pointer: &str) -> Value {
    facts.value.as_ref().unwrap().pointer(pointer).unwrap_or(&Value::Null).clone()
}

fn reasons(facts: &Facts) -> Vec<&str> {
    facts.findings.iter().map(|finding| finding.reason_code.as_str()).collect()
}

#[test]
fn facts_diagnosis_all_well_is_healthy_with_nothing_to_say() {
    let facts = run(&well());
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Healthy, Coverage::Complete), "{:?}", facts.value);
    assert_eq!(facts.findings, []);
    assert_eq!(at(&facts, "/findings/0/reason_code"), "all_observed_components_healthy");
    assert_eq!(at(&facts, "/coverage_status"), "complete");
}

#[test]
fn facts_diagnosis_of_a_dead_host_is_unknown_and_still_a_diagnosis() {
    let mut readings = with_role(well(), "os", &failed(ErrorClass::Unreachable, "connection refused"));
    for role in ROLES {
        readings = with_role(readings, role, &failed(ErrorClass::Unreachable, "connection refused"));
    }
    let facts = run(&readings);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Blocked));
    assert_eq!(reasons(&facts), ["Unreachable"], "a person hears once that a host is dead");
    assert_eq!(facts.findings[0].component, "all 21 readings");
    assert_eq!(at(&facts, "/coverage"), json!({"state": "blocked", "blockers": ["unreachable"]}));
    assert_eq!(at(&facts, "/scope/observed"), json!([]));
    assert_eq!(
        at(&facts, "/continued_failures"),
        json!([{"step_id": "read_adguard_dns_resolution and 20 more", "error_class": "unreachable", "count": 21}])
    );
    assert_eq!(at(&facts, "/continued_failure_count"), 21);
    for name in ["host_inventory", "ntp", "zabbix", "docker", "adguard", "portainer", "host_security", "ntp_server"] {
        assert_eq!(component(&facts, name), ("unavailable".into(), json!("unreachable")), "{name}");
    }
}

#[test]
fn facts_diagnosis_connections_nobody_declared_do_not_count() {
    let mut readings = well();
    for role in ROLES {
        readings = with_role(readings, role, &failed(ErrorClass::NotDeclared, "no such connection"));
    }
    let facts = run(&readings);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Healthy, Coverage::Complete), "{:?}", facts.value);
    assert_eq!(facts.findings, []);
    for name in ["zabbix", "adguard", "portainer"] {
        assert_eq!(component(&facts, name), ("not_observed".into(), json!("not_declared")));
    }
    assert_eq!(at(&facts, "/scope/requested"), json!(["host_inventory", "ntp", "docker", "host_security", "ntp_server"]));
    assert_eq!(at(&facts, "/findings/0/reason_code"), "all_observed_components_healthy");
    assert_eq!((at(&facts, "/continued_failures"), at(&facts, "/coverage_status")), (json!([]), json!("complete")));
}

#[test]
fn facts_diagnosis_lost_way_is_unavailable_and_never_unhealthy() {
    for class in [
        ErrorClass::Unreachable,
        ErrorClass::NameUnresolved,
        ErrorClass::TlsUntrusted,
        ErrorClass::TlsName,
        ErrorClass::TlsExpired,
        ErrorClass::TlsFailed,
        ErrorClass::AuthRefused,
        ErrorClass::CredentialUnusable,
        ErrorClass::Timeout,
        ErrorClass::Interrupted,
        ErrorClass::Transient,
        ErrorClass::OutputCut,
        ErrorClass::BoundReached,
        ErrorClass::NotText,
        ErrorClass::Unsupported,
        ErrorClass::NotInEffect,
        ErrorClass::FixturesNotAllowed,
        ErrorClass::Internal,
    ] {
        for (role, name) in [("zabbix", "zabbix"), ("portainer", "portainer"), ("adguard-dns", "adguard"), ("adguard", "adguard")]
        {
            let facts = run(&with_role(well(), role, &failed(class, "lost")));
            assert_eq!(component(&facts, name).0, "unavailable", "{class:?} of {role}");
            assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial), "{class:?} of {role}");
            assert_eq!(reasons(&facts), [class.reason()], "one finding for one failed reading");
        }
    }
}

#[test]
fn facts_diagnosis_service_that_answers_wrongly_was_seen() {
    for class in [ErrorClass::HttpStatus, ErrorClass::UnexpectedAnswer, ErrorClass::ApiError] {
        for role in ["zabbix", "portainer"] {
            let facts = run(&with_role(well(), role, &failed(class, "503")));
            assert_eq!(component(&facts, role).0, "unhealthy", "{class:?} of {role}");
            assert_eq!(facts.assessment, Assessment::Unhealthy, "{class:?} of {role}");
        }
    }
}

#[test]
fn facts_diagnosis_seen_wrong_decides_beside_what_could_not_be_seen() {
    let readings = with(well(), "read_ntp_sync_state", Reading::taken("NTP=yes\nNTPSynchronized=no\n"));
    let readings = with_role(readings, "zabbix", &failed(ErrorClass::Timeout, "no answer"));
    let facts = run(&readings);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unhealthy, Coverage::Partial));
    assert_eq!(component(&facts, "ntp"), ("unhealthy".into(), json!("ntp_not_synchronized")));
    assert_eq!(reasons(&facts), ["Timeout", "ntp_unhealthy"]);
    assert_eq!(
        at(&facts, "/findings/0"),
        json!({"kind": "monitoring.ntp_unhealthy", "component": "ntp", "reason_code": "ntp_unhealthy", "severity": "medium"})
    );
    assert_eq!(at(&facts, "/findings/1/reason_code"), "zabbix_unavailable");
}

/// A stopped daemon is the cause of what `ntpq` can not say; the failed reading is listed and not told a second time.
#[test]
fn facts_diagnosis_stopped_daemon_is_told_without_its_effect() {
    let units = "Id=ntpsec.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead\nUnitFileState=enabled\n";
    let readings = with(well(), "read_ntp_daemon_units", Reading::taken(units));
    let readings = with(readings, "read_ntp_server_variables", failed(ErrorClass::Unsupported, "Connection refused"));
    let facts = run(&readings);
    assert_eq!(reasons(&facts), ["ntp_unhealthy", "ntp_server_unhealthy"]);
    assert_eq!(component(&facts, "ntp_server"), ("unhealthy".into(), json!("ntp_server_daemon_not_active")));
    assert_eq!(at(&facts, "/continued_failures/0/step_id"), "read_ntp_server_variables");
    // Beside a daemon that runs it is a thing of its own.
    let readings = with(well(), "read_ntp_server_variables", failed(ErrorClass::Unsupported, "ntpq: not found"));
    assert_eq!(reasons(&run(&readings)), ["Unsupported"]);
}

#[test]
fn facts_diagnosis_posture_that_is_not_perfect_is_degraded() {
    let facts = run(&with(well(), "read_dmesg_restrict_state", Reading::taken("0\n")));
    assert_eq!(facts.assessment, Assessment::Degraded);
    assert_eq!(component(&facts, "host_security"), ("unhealthy".into(), json!("dmesg_unrestricted")));
}

#[test]
fn facts_diagnosis_output_that_does_not_say_it_is_a_finding_of_the_component() {
    let facts = run(&with(well(), "read_os_release", Reading::taken("")));
    assert_eq!(component(&facts, "host_inventory"), ("unavailable".into(), json!("output_unclear")));
    assert_eq!((facts.findings[0].kind, reasons(&facts)), (FindingKind::Facts, vec!["host_inventory_unavailable"]));
    assert_eq!(facts.assessment, Assessment::Unknown);
}

#[test]
fn facts_diagnosis_every_single_failure_keeps_the_rest() {
    for (step, _) in steps() {
        let facts = run(&with(well(), &step, failed(ErrorClass::CommandFailed, "ended with exit status 1")));
        assert_eq!(at(&facts, "/continued_failures"), json!([{"step_id": step, "error_class": "command_failed", "count": 1}]));
        let components = at(&facts, "/components");
        let lost = components.as_object().unwrap().values().filter(|one| one["status"] != "healthy").count();
        assert!(lost <= 2, "{step} takes {lost} components with it");
        assert_ne!(facts.assessment, Assessment::Unhealthy, "{step}");
        assert_eq!(at(&facts, "/coverage_status"), "partial", "{step}");
    }
}

#[test]
fn facts_diagnosis_failures_are_grouped_by_class_and_the_first_cause_is_legible() {
    let facts = run(&with_role(well(), "os", &failed(ErrorClass::Timeout, "no answer within 10s")));
    assert_eq!(
        at(&facts, "/continued_failures"),
        json!([{"step_id": "read_aslr_state and 16 more", "error_class": "timeout", "count": 17}])
    );
    assert_eq!(facts.findings[0].component, "several readings");
    assert!(facts.findings[0].message.ends_with(" and 12 more: no answer within 10s"), "{}", facts.findings[0].message);
    assert_eq!(component(&facts, "zabbix").0, "healthy", "what does not go through the host is still seen");
}

#[test]
fn facts_diagnosis_components_are_subjects_of_this_version() {
    // A component whose normalizer is missing would be unavailable for ever.
    let readings = well();
    let known = Known::read(&readings, &Context { target: "mon-01" });
    assert_eq!(known.states.len(), 8, "{:?}", known.states.keys());
    for (key, value) in &known.states {
        let subject = facts::subjects().iter().find(|subject| subject.state_key == key).expect("a subject of that key");
        assert_eq!(value["contract"]["id"], subject.contract());
    }
}

#[test]
fn facts_diagnosis_every_reading_belongs_to_a_component() {
    for (step, role) in steps() {
        let readings: Readings = [(step.clone(), failed(ErrorClass::Timeout, "late"))].into();
        let known = Known::read(&readings, &Context { target: "mon-01" });
        assert_eq!(known.failures, [ContinuedFailure::new(&step, "timeout")], "{step} of {role}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever fails, however often: the facts keep the contract, the list its bound, and nobody is forgotten in the count.
    #[test]
    fn facts_diagnosis_any_number_of_failures_is_summarised(
        failures in prop::collection::btree_map("[a-z_]{1,140}", "[a-z_]{0,80}|[abc]", 0..90),
    ) {
        let failures: Vec<ContinuedFailure> = failures.iter().map(|(step, class)| ContinuedFailure::new(step, class)).collect();
        let known = Known { states: Map::new(), undeclared: BTreeSet::new(), failures: failures.clone() };
        let value = aggregate(&known).unwrap();
        let entries = value["continued_failures"].as_array().unwrap();
        prop_assert!(entries.len() <= 16);
        let counted: u64 = entries.iter().map(|entry| entry["count"].as_u64().unwrap()).sum();
        prop_assert_eq!(counted, u64::try_from(failures.len()).unwrap());
        prop_assert!(entries.iter().all(|entry| entry["error_class"] != "" && entry["step_id"] != ""));
        let first = facts::project(&value, "1.0").unwrap();
        prop_assert_eq!(contracts::validate(&first, None, "1.0"), Vec::<String>::new());
    }
}
