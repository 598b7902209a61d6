//! Reruns of a named intent: another question on the same Target, admitted anew, beside the facts of the run that led to it.

use std::sync::Arc;

use serde_json::json;
use tecrax::api::{Assessment, FindingStage, ReactionOutcome, reason};
use tecrax::facts;
use tecrax::profile::Profile;

use super::{bodies, escalated, reaction};
use crate::support::cli::Home;
use crate::support::engine::Rig;
use crate::support::log;
use crate::support::monitoring::{DIAGNOSIS, Host};
use crate::support::profile::Copy;

const PAIR: &str = "whole.mon";
const NTP: &str = "check_ntp_health";
const WHOLE: &str = "diagnose_monitoring_host";
const UNSYNCHRONISED: (&str, (&str, &str, i32)) = ("read_ntp_sync_state", ("NTP=yes\nNTPSynchronized=no\n", "", 0));

fn diagnosis(host: &Host) -> Rig {
    with_profile(host, None)
}

pub(super) fn with_profile(host: &Host, profile: Option<Profile>) -> Rig {
    let rig = profile.map_or_else(Rig::new, |profile| Rig::with_profile(Arc::new(profile)));
    rig.write("check.yaml", DIAGNOSIS);
    rig.write("mon.yaml", &host.manifest("mon"));
    rig
}

#[tokio::test]
async fn the_rule_names_the_question_and_its_answer_stands_beside_the_parents() {
    let rig = diagnosis(&Host::recorded(&[UNSYNCHRONISED]));
    let report = rig.once().await;
    assert_eq!(
        (report.tally.ran, report.tally.reruns),
        (1, 2),
        "the question that is named, and the one that it asks for itself"
    );
    let runs = bodies(&rig, PAIR, "run.v1");
    let lineage: Vec<_> =
        runs.iter().map(|run| (run["intent"].clone(), run["depth"].clone(), run["parent_seq"].clone())).collect();
    assert_eq!(
        lineage,
        [(json!(WHOLE), json!(0), json!(null)), (json!(NTP), json!(1), json!(1)), (json!(NTP), json!(2), json!(3))]
    );
    assert_eq!(runs[1]["facts"]["contract"]["id"], "tecrax.ntp_local_health");
    let steps: Vec<_> = runs[1]["readings"].as_array().unwrap().iter().map(|reading| reading["outcome"].clone()).collect();
    assert!(steps.len() == 2 && steps.iter().all(|outcome| *outcome == json!("ok")), "fresh readings of its own: {steps:?}");

    let reactions = bodies(&rig, PAIR, "reaction.v1");
    assert_eq!(reactions[0]["reaction"]["rule"], "monitoring.ntp-unhealthy");
    assert_eq!((&reactions[0]["reaction"]["intent"], &reactions[0]["reaction"]["reason"]), (&json!(NTP), &json!("ToConfirm")));
    assert_eq!(reactions[1]["inputs"]["visited"], json!([reactions[0]["inputs"]["ruling"]["rule_digest"]]));
    assert_eq!(reactions[2]["inputs"]["reactions"], 2);
    assert_eq!(reactions[2]["reaction"]["reason"], reason::CONFIRMED);

    let state = rig.pair(PAIR);
    assert_eq!((state.intent.as_str(), state.last.as_ref().unwrap().seq, state.reruns), (WHOLE, 1, 2));
    assert_eq!(state.status.as_ref().unwrap().assessment, Assessment::Unhealthy);
    assert!(state.tracked.iter().all(|tracked| tracked.stage == FindingStage::Raised) && !state.tracked.is_empty());
    log::verify(&rig.state());
}

#[tokio::test]
async fn the_terms_of_the_pair_stay_when_another_question_was_asked_between() {
    let mut rig = diagnosis(&Host::recorded(&[UNSYNCHRONISED]));
    rig.once().await;
    let before = rig.pair(PAIR).agreement;
    rig.again().await;
    assert_eq!(rig.pair(PAIR).agreement, before);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::STILL_FAILING.to_owned()));
}

#[tokio::test]
async fn a_rerun_that_policy_refuses_calls_a_person_at_once() {
    let rig = diagnosis(&Host::recorded(&[UNSYNCHRONISED]));
    rig.write(
        "policy.yaml",
        "apiVersion: tecrax.io/v1alpha1
kind: Policy
metadata: {name: only-whole}
spec:
  targetSelector: {}
  rules:
  - {name: whole, effect: Allow, conditions: [{key: action.intent, values: [diagnose_monitoring_host]}], reasonCode: fine}
",
    );
    let report = rig.once().await;
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!((report.tally.ran, report.tally.reruns), (1, 0));
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::RERUN_REFUSED.to_owned()));
    assert!(escalated(&rig, PAIR));
    let reactions = bodies(&rig, PAIR, "reaction.v1");
    assert!(reactions[0]["inputs"]["refused"].as_str().is_some_and(|why| !why.is_empty()), "{}", reactions[0]);
    log::verify(&rig.state());
}

/// The bundled profile with other packs: intent, and its rules.
pub(super) fn profile(packs: &[(&str, &str)]) -> Profile {
    profile_within("{max_depth: 3, max_reactions: 5}", packs)
}

fn profile_within(budgets: &str, packs: &[(&str, &str)]) -> Profile {
    let copy = Copy::new();
    for (intent, rules) in packs {
        copy.edit(
            &format!("reactions/{intent}.yaml"),
            "",
            &format!(
                "reaction_pack:
  id: test
  version: '1'
  budgets: {budgets}
  rules:
  - id: healthy
    when: [{{path: facts.verdict.assessment, operator: equals, value: healthy}}]
    finding: {{kind: assessment.healthy, severity: info, summary: Fine.}}
    outcome: no_op
{rules}
  fallback:
    id: rest
    priority: 1000
    finding: {{kind: assessment.unclassified, severity: low, summary: The rest.}}
    outcome: escalate
"
            ),
        );
    }
    Profile::load(copy.path(), &|name| facts::normalizer(name).is_some()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn asks(id: &str, intent: &str) -> String {
    format!(
        "  - id: {id}
    when: [{{path: facts.verdict.assessment, operator: equals, value: unhealthy}}]
    finding: {{kind: assessment.unhealthy, severity: high, summary: Bad.}}
    outcome: run_intent
    intent_ref: {intent}
"
    )
}

#[tokio::test]
async fn questions_that_ask_for_each_other_end_with_a_person() {
    let profile = profile(&[(WHOLE, &asks("whole", NTP)), (NTP, &asks("ntp", WHOLE))]);
    let rig = with_profile(&Host::recorded(&[UNSYNCHRONISED]), Some(profile));
    let report = rig.once().await;
    assert_eq!(report.tally.reruns, 2);
    let intents: Vec<_> = bodies(&rig, PAIR, "run.v1").iter().map(|run| run["intent"].clone()).collect();
    assert_eq!(intents, [WHOLE, NTP, WHOLE]);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::CYCLE_DETECTED.to_owned()));
    assert!(escalated(&rig, PAIR));
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_chain_ends_at_the_depth_that_the_pack_allows() {
    // Each question asks for the next one; the fourth run would be the third rerun, which no pack goes beyond.
    let (docker, inventory) = ("check_docker_services_health", "collect_basic_host_inventory");
    let profile =
        profile(&[(WHOLE, &asks("one", NTP)), (NTP, &asks("two", docker)), (docker, &asks("three", WHOLE)), (inventory, "")]);
    let broken =
        ("read_docker_service_state", ("LoadState=loaded\nActiveState=failed\nSubState=failed\nUnitFileState=enabled\n", "", 0));
    let rig = with_profile(&Host::recorded(&[UNSYNCHRONISED, broken]), Some(profile));
    assert_eq!(rig.once().await.tally.reruns, 3);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::DEPTH_REACHED.to_owned()));
    assert_eq!(rig.pair(PAIR).tracked[0].severity, tecrax::api::Criticality::High, "that of the rule that fired");
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_chain_ends_at_the_number_of_reactions_that_the_pack_allows() {
    let packs = [(WHOLE, &*asks("one", NTP)), (NTP, &*asks("two", "check_docker_services_health"))];
    let rig = with_profile(&Host::recorded(&[UNSYNCHRONISED]), Some(profile_within("{max_depth: 3, max_reactions: 1}", &packs)));
    assert_eq!(rig.once().await.tally.reruns, 1, "the reaction that led to the rerun is the one that is allowed");
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::BUDGET_REACHED.to_owned()));
    assert!(escalated(&rig, PAIR));
    let last = bodies(&rig, PAIR, "reaction.v1").pop().unwrap();
    assert_eq!((&last["inputs"]["reactions"], &last["inputs"]["ruling"]["blocked"]), (&json!(1), &json!("budget")));
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_question_that_the_target_can_not_answer_calls_a_person() {
    let cli = "collect_network_device_inventory_readonly";
    let rig = with_profile(&Host::recorded(&[UNSYNCHRONISED]), Some(profile(&[(WHOLE, &asks("whole", cli))])));
    assert_eq!(rig.once().await.tally.reruns, 0);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::RERUN_REFUSED.to_owned()));
    let refused = bodies(&rig, PAIR, "reaction.v1")[0]["inputs"]["refused"].clone();
    assert!(refused.as_str().unwrap().contains("Host"), "{refused}");
}

#[test]
fn describe_shows_what_the_rerun_was() {
    let home = Home::new();
    home.write("check.yaml", DIAGNOSIS);
    home.write("mon.yaml", &Host::recorded(&[UNSYNCHRONISED]).manifest("mon"));
    assert_eq!(home.once().code, 1);
    let shown = home.run(["describe", PAIR]).out;
    assert!(shown.contains("Reruns:") && shown.contains(NTP), "{shown}");
}
