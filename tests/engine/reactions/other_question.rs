//! A second look with another question refutes what it was asked about, and nothing else.

use serde_json::{Value, json};
use tecrax::api::{FindingStage, ReactionOutcome, reason};

use super::named::{profile, with_profile};
use super::{bodies, reaction, stages};
use crate::support::engine::Rig;
use crate::support::log;
use crate::support::monitoring::{DIAGNOSIS, Host, Said};

const PAIR: &str = "whole.mon";
const NTP: &str = "check_ntp_health";
const WHOLE: &str = "diagnose_monitoring_host";
const DOCKER: (&str, Said<'_>) =
    ("read_docker_service_state", ("LoadState=loaded\nActiveState=failed\nSubState=failed\nUnitFileState=enabled\n", "", 0));
const PORTAINER: (&str, Said<'_>) = ("read_portainer_status", ("{}", "", 0));

/// Of a broken docker, the time is asked, which is well.
fn asks_for_the_time(path: &str, value: &str) -> String {
    format!(
        "  - id: docker
    when: [{{path: {path}, operator: equals, value: {value}}}]
    finding: {{kind: assessment.unhealthy, severity: high, summary: Bad.}}
    outcome: run_intent
    intent_ref: {NTP}
"
    )
}

fn rig(broken: &[(&str, Said<'_>)], rule: &str) -> Rig {
    with_profile(&Host::recorded(broken), Some(profile(&[(WHOLE, rule), (NTP, "")])))
}

fn stage(rig: &Rig, key: &str) -> FindingStage {
    let stages = stages(rig, PAIR);
    stages.iter().find(|(known, _)| known.contains(key)).unwrap_or_else(|| panic!("no {key} in {stages:?}")).1
}

#[tokio::test]
async fn what_the_question_was_not_about_calls_a_person() {
    let mut rig = rig(&[DOCKER, PORTAINER], &asks_for_the_time("facts.components.docker.status", "unhealthy"));
    assert_eq!(rig.once().await.tally.reruns, 1);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::PARTLY_REFUTED.to_owned()));
    assert_eq!((stage(&rig, "portainer"), stage(&rig, "docker")), (FindingStage::Raised, FindingStage::Pending));
    let decided = bodies(&rig, PAIR, "reaction.v1");
    let about: Vec<&Value> = decided[1]["inputs"]["about"].as_array().unwrap().iter().map(|key| &key["component"]).collect();
    assert_eq!(about, [&json!("docker")], "{decided:#?}");

    // In the next run the same: the call stands, and nobody is called for what was refuted.
    let report = rig.again().await;
    assert_eq!(report.escalations.len(), 1, "{:?}", report.escalations);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::STILL_FAILING.to_owned()));
    assert_eq!((stage(&rig, "portainer"), stage(&rig, "docker")), (FindingStage::Raised, FindingStage::Pending));
    log::verify(&rig.state());
}

#[tokio::test]
async fn what_it_was_about_is_refuted() {
    let rig = rig(&[DOCKER], &asks_for_the_time("facts.components.docker.status", "unhealthy"));
    assert_eq!(rig.once().await.tally.reruns, 1);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::NoOp, reason::NOT_CONFIRMED.to_owned()));
    assert_eq!(stage(&rig, "docker"), FindingStage::Pending);
}

#[tokio::test]
async fn a_rule_that_names_no_finding_refutes_none() {
    let rig = rig(&[DOCKER], &asks_for_the_time("facts.verdict.assessment", "unhealthy"));
    assert_eq!(rig.once().await.tally.reruns, 1);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::PARTLY_REFUTED.to_owned()));
    assert_eq!(stage(&rig, "docker"), FindingStage::Raised);
}

#[tokio::test]
async fn findings_are_named_by_reason_code_too() {
    let rule = asks_for_the_time("facts.verdict.reasons.docker_services_unhealthy", "1");
    let rig = rig(&[DOCKER, PORTAINER], &rule);
    rig.once().await;
    assert_eq!((stage(&rig, "portainer"), stage(&rig, "docker")), (FindingStage::Raised, FindingStage::Pending));
}

#[tokio::test]
async fn the_check_says_how_often_a_finding_must_be_seen() {
    let mut rig = rig(&[DOCKER], &asks_for_the_time("facts.components.docker.status", "unhealthy"));
    rig.write("check.yaml", &format!("{DIAGNOSIS}  confirmations: {{failures: 2}}\n"));
    rig.once().await;
    rig.write("mon.yaml", &Host::recorded(&[DOCKER, PORTAINER]).manifest("mon"));
    rig.again().await;
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::NoOp, reason::NOT_CONFIRMED.to_owned()), "portainer was seen once");
    rig.again().await;
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::PARTLY_REFUTED.to_owned()));
    assert_eq!((stage(&rig, "portainer"), stage(&rig, "docker")), (FindingStage::Raised, FindingStage::Pending));
}
