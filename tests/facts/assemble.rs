//! The stage as a whole: dead hosts, half-dead hosts, expectations, versions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tecrax::api::{Assessment, Coverage, Digest, Duration, ErrorClass, Expect, LabelName, Operator, Otherwise, TargetType};
use tecrax::facts::{FINDINGS_MAX, Facts, Finding, FindingKind, Reading, Readings, assemble};
use tecrax::profile::{
    CommandRequest, Connector, ContractRef, Intent, Request, Role, Shape, ValidationRule, ValidationStep, Workflow, WorkflowStep,
};

const POSTURE: [&str; 5] = [
    "read_unattended_upgrades_state",
    "read_available_updates_summary",
    "read_aslr_state",
    "read_dmesg_restrict_state",
    "read_reboot_required_marker",
];
const GOOD: [&str; 5] = ["enabled", "0;0", "2", "1", ""];

fn intent(version: &str) -> Intent {
    let connector = Arc::new(Connector {
        name: "monitoring_host".into(),
        role: Role { name: LabelName::parse("os").unwrap(), kinds: vec!["local".into()], https_only: false },
        shapes: BTreeMap::new(),
    });
    let read = |id: &str| WorkflowStep::Read {
        id: id.into(),
        connector: Arc::clone(&connector),
        shape: Arc::new(Shape {
            connector: "monitoring_host".into(),
            action: id.into(),
            request: Request::Command(CommandRequest {
                argv: vec!["true".into()],
                exit_codes: vec![0],
                unsupported_stderr: Vec::new(),
            }),
            max_output_bytes: 1024,
            unsupported_help: String::new(),
            digest: Digest::of(id.as_bytes()),
        }),
        timeout: Duration::from_secs(10),
    };
    let mut steps: Vec<WorkflowStep> = POSTURE.iter().map(|id| read(id)).collect();
    steps.push(WorkflowStep::Normalize { id: "normalize".into(), action: "normalize_host_security_posture".into() });
    steps.push(WorkflowStep::Seal { id: "produce_receipt".into() });
    Intent {
        id: "collect_host_security_posture_readonly".into(),
        title: String::new(),
        summary: String::new(),
        contract: ContractRef { id: "tecrax.host_security_posture".into(), version: version.into() },
        target_types: vec![TargetType::Host],
        roles: Vec::new(),
        parameters: Vec::new(),
        workflow: Workflow { id: "posture".into(), steps },
        validation: ValidationRule {
            steps: vec![
                ValidationStep::RequireMapping {
                    key: "host_security_posture".into(),
                    fail_rule: "required".into(),
                    fail_details: json!({"reason": "missing"}),
                },
                ValidationStep::RequireEquals {
                    path: "host_security_posture.complete".into(),
                    value: json!(true),
                    pass_rule: "complete".into(),
                    fail_rule: "incomplete".into(),
                    details_from: "host_security_posture".into(),
                },
            ],
        },
        runbook: String::new(),
        digest: Digest::of(b""),
    }
}

fn good() -> Readings {
    POSTURE.iter().zip(GOOD).map(|(id, text)| ((*id).to_owned(), Reading::taken(text))).collect()
}

fn failed(class: ErrorClass, message: &str) -> Reading {
    Reading::Failed { class, message: message.into(), next_step: Some("start it".into()) }
}

fn run(readings: &Readings, expects: &[Expect]) -> Facts {
    assemble(&intent("1.1"), readings, "default/web-07", expects)
}

fn expect(name: &str, key: &str, operator: Operator, value: &str, otherwise: Otherwise) -> Expect {
    let name = LabelName::parse(name).unwrap();
    Expect { name, key: key.into(), operator, values: vec![value.into()], otherwise }
}

fn keys(findings: &[Finding]) -> Vec<(FindingKind, &str, &str)> {
    findings.iter().map(|one| (one.kind, one.component.as_str(), one.reason_code.as_str())).collect()
}

#[test]
fn facts_assemble_healthy_has_nothing_to_say() {
    let facts = run(&good(), &[]);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Healthy, Coverage::Complete));
    assert_eq!(facts.findings, []);
    assert_eq!((facts.verdict.passed, facts.verdict.rule.as_str()), (true, "complete"));
}

#[test]
fn facts_assemble_dead_host_is_unknown_with_one_finding() {
    let readings: Readings =
        POSTURE.iter().map(|id| ((*id).to_owned(), failed(ErrorClass::Unreachable, "connection refused"))).collect();
    let facts = run(&readings, &[expect("aslr", "signals.aslr_mode", Operator::Ge, "2", Otherwise::Unhealthy)]);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Blocked));
    assert_eq!(facts.value, None);
    assert_eq!(facts.verdict.rule, "required");
    assert_eq!(
        keys(&facts.findings),
        [(FindingKind::Reading, "all 5 readings", "Unreachable"), (FindingKind::Expectation, "aslr", "ExpectationNotObserved"),]
    );
    assert_eq!(facts.findings[0].message, "all 5 readings: connection refused");
    assert_eq!(facts.findings[0].next_step.as_deref(), Some("start it"));
}

#[test]
fn facts_assemble_readings_that_nobody_took_are_named() {
    let facts = run(&Readings::new(), &[]);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Blocked));
    assert_eq!(keys(&facts.findings), [(FindingKind::Reading, "all 5 readings", "Internal")]);
}

#[test]
fn facts_assemble_one_failed_reading_makes_it_unknown_and_is_named_once() {
    let mut readings = good();
    readings.insert(POSTURE[1].into(), failed(ErrorClass::Unsupported, "apt-check is not installed"));
    let facts = run(&readings, &[]);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial));
    assert_eq!(keys(&facts.findings), [(FindingKind::Reading, POSTURE[1], "Unsupported")]);
}

#[test]
fn facts_assemble_known_bad_stays_bad_beside_failed_readings() {
    let mut readings = good();
    readings.insert(POSTURE[1].into(), failed(ErrorClass::Timeout, "no answer in time"));
    readings.insert(POSTURE[4].into(), Reading::taken("reboot-required"));
    let facts = run(&readings, &[]);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Degraded, Coverage::Partial));
    assert_eq!(
        keys(&facts.findings),
        [(FindingKind::Reading, POSTURE[1], "Timeout"), (FindingKind::Facts, "reboot_required", "reboot_required")]
    );
}

#[test]
fn facts_assemble_connection_lost_in_the_middle_is_heard_once() {
    let mut readings = good();
    for id in &POSTURE[2..] {
        readings.insert((*id).into(), failed(ErrorClass::Interrupted, "connection lost"));
    }
    let facts = run(&readings, &[]);
    assert_eq!(keys(&facts.findings), [(FindingKind::Reading, "several readings", "Interrupted")]);
    assert!(facts.findings[0].message.contains(POSTURE[4]), "{}", facts.findings[0].message);
}

#[test]
fn facts_assemble_output_that_does_not_say_it_is_named() {
    let mut readings = good();
    readings.insert(POSTURE[1].into(), Reading::taken("E: could not open the cache"));
    let facts = run(&readings, &[]);
    assert_eq!(facts.assessment, Assessment::Unknown);
    assert_eq!(keys(&facts.findings), [(FindingKind::Facts, "available_updates", "available_updates_not_observed")]);
}

#[test]
fn facts_assemble_every_bad_signal_is_a_finding() {
    let outputs = ["disabled", "9;2", "1", "0", "reboot-required"];
    let readings: Readings = POSTURE.iter().zip(outputs).map(|(id, text)| ((*id).into(), Reading::taken(text))).collect();
    let facts = run(&readings, &[]);
    assert_eq!(facts.assessment, Assessment::Degraded);
    let codes: Vec<&str> = facts.findings.iter().map(|one| one.reason_code.as_str()).collect();
    assert_eq!(
        codes,
        ["unattended_upgrades_off", "security_updates_pending", "aslr_not_full", "dmesg_unrestricted", "reboot_required"]
    );
}

#[test]
fn facts_assemble_failed_expectation_decides_how_bad_it_is() {
    let regular = "signals.available_updates.regular";
    let mut readings = good();
    readings.insert(POSTURE[1].into(), Reading::taken("93;0"));
    let warn = expect("backlog", regular, Operator::Lt, "50", Otherwise::Degraded);
    let facts = run(&readings, std::slice::from_ref(&warn));
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Degraded, Coverage::Complete));
    assert_eq!(facts.findings[0].message, format!("backlog: {regular} is 93, wanted Lt 50"));
    let worse = expect("flood", regular, Operator::Le, "92", Otherwise::Unhealthy);
    assert_eq!(run(&readings, &[warn, worse]).assessment, Assessment::Unhealthy);
}

#[test]
fn facts_assemble_expectation_on_a_missing_fact_is_never_healthy() {
    let held_back = expect("held", "signals.available_updates.held_back_or_blocked", Operator::Lt, "9", Otherwise::Unhealthy);
    let facts = run(&good(), &[held_back]);
    assert_eq!(facts.assessment, Assessment::Unknown);
    assert_eq!(facts.findings[0].reason_code, "ExpectationNotObserved");
}

#[test]
fn facts_assemble_writes_the_version_the_intent_promises() {
    let mut readings = good();
    readings.remove(POSTURE[4]);
    let newest = run(&readings, &[]).value.unwrap();
    assert_eq!(newest["contract"]["version"], "1.1");
    assert_eq!(newest["signals"]["reboot_required"], json!(null));
    let reboot = expect("no-reboot", "signals.reboot_required", Operator::In, "false", Otherwise::Unhealthy);
    let facts = assemble(&intent("1.0"), &readings, "t", &[reboot]);
    let first = facts.value.unwrap();
    assert_eq!(first["contract"]["version"], "1.0");
    assert_eq!(first["signals"]["reboot_required"], json!(false), "1.0 can not leave it open");
    assert_eq!(facts.assessment, Assessment::Unknown, "but the expectation knows that nobody looked");
}

#[test]
fn facts_assemble_unknown_contract_version_is_a_finding() {
    let facts = assemble(&intent("7.0"), &good(), "t", &[]);
    assert_eq!((facts.assessment, facts.coverage, facts.value), (Assessment::Unknown, Coverage::Blocked, None));
    assert_eq!(facts.findings[0].reason_code, "InvalidFacts");
}

#[test]
fn facts_assemble_findings_are_bounded() {
    let expects: Vec<Expect> =
        (0..100).map(|i| expect(&format!("e{i}"), "signals.aslr_mode", Operator::Gt, "5", Otherwise::Degraded)).collect();
    assert_eq!(run(&good(), &expects).findings.len(), FINDINGS_MAX);
    let mut readings = good();
    readings.insert(POSTURE[0].into(), failed(ErrorClass::CommandFailed, &"x\n".repeat(10_000)));
    let message = run(&readings, &[]).findings[0].message.clone();
    assert!(message.chars().count() <= 512 && !message.contains('\n'));
}

#[test]
fn facts_assemble_role_that_is_not_declared_is_not_observed_without_a_finding() {
    let mut readings = good();
    readings.insert(POSTURE[1].into(), failed(ErrorClass::NotDeclared, "no such connection"));
    let facts = run(&readings, &[]);
    assert_eq!((facts.assessment, facts.coverage), (Assessment::Unknown, Coverage::Partial));
    assert_eq!(facts.findings, []);
}
