//! How many runs in a row confirm a failure or a recovery.

use tecrax::api::{Criticality, FindingStage, ReactionOutcome, reason};

use super::{PAIR, bodies, escalated, only, reaction, rig, then};
use crate::support::log;

const THREE_AND_TWO: &str = "  confirmations: {failures: 3, recoveries: 2}\n";

#[tokio::test]
async fn nobody_is_called_before_the_third_run_and_it_is_over_after_the_second_good_one() {
    let mut rig = rig(THREE_AND_TWO, Some(95));
    let report = rig.once().await;
    assert_eq!(report.tally.reruns, 0, "a run before the last one that is needed asks for no second look");
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::NoOp, reason::UNCONFIRMED.to_owned()));
    rig.again().await;
    assert_eq!((only(&rig, PAIR).stage, only(&rig, PAIR).seen), (FindingStage::Pending, 2));
    assert!(!escalated(&rig, PAIR));
    let report = rig.again().await;
    assert_eq!(report.tally.reruns, 1);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::CONFIRMED.to_owned()));
    let raised = only(&rig, PAIR);
    assert_eq!((raised.stage, raised.seen, raised.gone), (FindingStage::Raised, 3, 0), "a rerun counts for nothing");
    assert!(raised.first_seen < raised.last_seen && escalated(&rig, PAIR));

    then(&mut rig, Some(50)).await;
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::NoOp, reason::RECOVERING.to_owned()));
    assert_eq!((only(&rig, PAIR).stage, only(&rig, PAIR).gone), (FindingStage::Raised, 1));
    assert!(escalated(&rig, PAIR), "one good run is not enough");
    then(&mut rig, Some(50)).await;
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::NoOp, reason::HEALTHY.to_owned()));
    assert!(rig.pair(PAIR).tracked.is_empty() && !escalated(&rig, PAIR));
    log::verify(&rig.state());
}

#[tokio::test]
async fn what_comes_back_while_it_recovers_is_the_same_matter() {
    let mut rig = rig("  confirmations: {recoveries: 2}\n", Some(95));
    rig.once().await;
    let first_seen = only(&rig, PAIR).first_seen;
    then(&mut rig, Some(50)).await;
    rig.write("web.yaml", &crate::support::hosts::host("web", Some(95)));
    let report = rig.again().await;
    assert_eq!(report.tally.reruns, 0, "a person knows");
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::STILL_FAILING.to_owned()));
    let raised = only(&rig, PAIR);
    assert_eq!((raised.stage, raised.gone, raised.first_seen), (FindingStage::Raised, 0, first_seen));
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_failure_that_goes_before_it_is_confirmed_starts_anew() {
    let mut rig = rig("  confirmations: {failures: 2}\n", Some(95));
    rig.once().await;
    then(&mut rig, Some(50)).await;
    assert!(rig.pair(PAIR).tracked.is_empty());
    then(&mut rig, Some(95)).await;
    assert_eq!((only(&rig, PAIR).seen, only(&rig, PAIR).stage), (1, FindingStage::Pending));
    assert_eq!(reaction(&rig, PAIR).1, reason::UNCONFIRMED);
}

#[tokio::test]
async fn a_matter_that_a_person_knows_is_not_looked_at_twice_and_another_one_is() {
    let more = "  - {name: os, key: os.id, operator: In, values: [\"debian\"]}\n";
    let mut rig = rig(more, Some(95));
    rig.once().await;
    let report = rig.again().await;
    assert_eq!((report.tally.reruns, reaction(&rig, PAIR).1.as_str()), (0, reason::STILL_FAILING));
    let host = crate::support::hosts::host("web", Some(95)).replace("ID=debian", "ID=other");
    rig.write("web.yaml", &host);
    let report = rig.again().await;
    assert_eq!((report.tally.reruns, reaction(&rig, PAIR).1.as_str()), (1, reason::CONFIRMED));
    assert!(rig.pair(PAIR).tracked.iter().all(|tracked| tracked.stage == FindingStage::Raised));
    assert_eq!(rig.pair(PAIR).tracked.len(), 2);
    log::verify(&rig.state());
}

#[tokio::test]
async fn the_check_says_how_loud_it_is_else_the_rule() {
    let mut loud = rig("  escalation: {severity: Critical}\n", Some(95));
    loud.once().await;
    assert_eq!(only(&loud, PAIR).severity, Criticality::Critical);
    assert!(loud.pair(PAIR).not_in_effect.is_empty());
    then(&mut loud, Some(96)).await;
    assert_eq!(only(&loud, PAIR).severity, Criticality::Critical);
    let quiet = rig("", Some(95));
    quiet.once().await;
    assert_eq!(only(&quiet, PAIR).severity, Criticality::Medium, "and the fallback that ends a cycle does not change it");
    let ruling = &bodies(&quiet, PAIR, "reaction.v1")[1]["inputs"]["ruling"];
    assert_eq!((ruling["reason"].as_str(), ruling["blocked"].as_str()), (Some("reaction_cycle_detected"), Some("cycle")));
}

#[tokio::test]
async fn what_is_told_counts_the_runs_since_it_began_not_those_since_it_came_back() {
    let mut rig = rig("  confirmations: {recoveries: 2}\n", Some(95));
    rig.once().await;
    let began = only(&rig, PAIR).first_seen;
    for used in [95, 95, 50, 95] {
        then(&mut rig, Some(used)).await;
    }
    let raised = only(&rig, PAIR);
    assert_eq!((raised.seen, raised.gone, raised.first_seen), (1, 0, began), "in a row");
    assert_eq!((raised.seen_of_span(), raised.runs_of_span()), (4, 5));
    let home = crate::support::cli::Home::new();
    let state = rig.state();
    let listed = home.run(["get", "escalations", "--state-dir", state.to_str().unwrap()]).out;
    assert!(listed.contains(", 4 of 5 runs since "), "{listed}");
    // A run that can not look counts for nothing, another good one for a run that did not see it.
    let counts = |rig: &super::Rig| {
        let tracked =
            rig.pair(PAIR).tracked.into_iter().find(|tracked| tracked.finding.reason_code == reason::EXPECTATION_FAILED);
        tracked.map(|tracked| (tracked.seen_of_span(), tracked.runs_of_span()))
    };
    then(&mut rig, None).await;
    assert_eq!(counts(&rig), Some((4, 5)));
    then(&mut rig, Some(50)).await;
    assert_eq!(counts(&rig), Some((4, 6)));
    log::verify(&rig.state());
}

/// Records and states of earlier builds do not have the counts of before.
#[test]
fn a_finding_that_an_earlier_build_remembered_counts_from_its_runs_in_a_row() {
    let text = r#"{"finding": {"kind": "expectation", "component": "root-disk", "reasonCode": "ExpectationFailed", "message": "x"},
        "severity": "Medium", "stage": "raised", "first_seen": "2026-03-01T12:00:00Z", "last_seen": "2026-03-01T12:10:00Z",
        "seen": 3, "gone": 1}"#;
    let tracked: tecrax::api::TrackedFinding = serde_json::from_str(text).unwrap();
    assert_eq!((tracked.seen_of_span(), tracked.runs_of_span()), (3, 4));
    let again = serde_json::to_value(&tracked).unwrap();
    assert!(again.get("seen_before").is_none() && again.get("runs_before").is_none(), "and are written only where they count");
}
