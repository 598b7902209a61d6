//! `accept`: what its owner has waived, until it ends.

use tecrax::api::{Assessment, Criticality, FindingStage, ReactionOutcome, reason};

use super::{PAIR, bodies, escalated, reaction, rig, stages, then};
use crate::support::cli::Home;
use crate::support::engine::{Rig, view};
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;

const DISK: &str = "expectation/root-disk/ExpectationFailed";
const NOTICE: &str = "waiver/root-disk/waiver_expires";

fn accept(expires: &str) -> String {
    format!("  accept: [{{finding: root-disk, reason: CHG-4711, owner: anna, expires: \"{expires}\"}}]\n")
}

fn waived(expires: &str) -> Rig {
    rig(&accept(expires), Some(95))
}

#[tokio::test]
async fn accepted_calls_nobody_and_is_never_healthy() {
    let rig = waived("2027-03-01T00:00:00Z");
    let report = rig.once().await;
    assert_eq!((report.tally.ran, report.tally.reruns), (1, 0));
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::NoOp, reason::ACCEPTED.to_owned()));
    let seen = view(&report, PAIR);
    assert_eq!((seen.assessment, seen.accepted), (Assessment::Unhealthy, true));
    assert_eq!(stages(&rig, PAIR), [(DISK.to_owned(), FindingStage::Accepted)]);
    assert!(!escalated(&rig, PAIR));
    let run = &bodies(&rig, PAIR, "run.v1")[0];
    assert_eq!(run["assessment"], "unhealthy");
    assert_eq!(bodies(&rig, PAIR, "reaction.v1")[0]["inputs"]["accepted"][0], "root-disk");
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_week_before_the_end_it_says_so_and_after_the_end_the_finding_counts() {
    let mut rig = waived("2026-03-10T00:00:00Z");
    rig.once().await;
    // To one minute before the last seven days.
    rig.pass(86_400 + 12 * 3600 - 60);
    rig.once().await;
    assert_eq!(stages(&rig, PAIR), [(DISK.to_owned(), FindingStage::Accepted)]);
    rig.pass(300);
    let report = rig.once().await;
    let both = [(DISK.to_owned(), FindingStage::Accepted), (NOTICE.to_owned(), FindingStage::Raised)];
    assert_eq!(stages(&rig, PAIR), both);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::WAIVER_EXPIRES.to_owned()));
    assert_eq!(rig.pair(PAIR).tracked[1].severity, Criticality::Low);
    let seen = view(&report, PAIR);
    assert!(seen.accepted && seen.assessment == Assessment::Unhealthy);
    let notice = seen.findings.iter().find(|finding| finding.kind == "waiver").expect("a finding");
    assert!(notice.message.contains("anna") && notice.message.contains("2026-03-10T00:00:00Z"), "{notice:?}");
    assert!(notice.next_step.is_some());

    rig.pass(7 * 86_400);
    let report = rig.once().await;
    assert_eq!(report.tally.reruns, 1);
    assert_eq!(stages(&rig, PAIR), [(DISK.to_owned(), FindingStage::Raised)]);
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::CONFIRMED.to_owned()));
    assert!(!view(&report, PAIR).accepted);
    log::verify(&rig.state());
}

#[tokio::test]
async fn the_end_of_a_waiver_is_told_of_a_healthy_pair_and_leaves_it_healthy() {
    let mut rig = rig(&accept("2026-03-05T00:00:00Z"), Some(50));
    let report = rig.once().await;
    assert_eq!(view(&report, PAIR).assessment, Assessment::Healthy);
    assert_eq!(reaction(&rig, PAIR).1, reason::WAIVER_EXPIRES);
    rig.write("check.yaml", INVENTORY);
    rig.again().await;
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::NoOp, reason::HEALTHY.to_owned()));
    assert!(!escalated(&rig, PAIR) && rig.pair(PAIR).tracked.is_empty());
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_waiver_ends_what_was_raised_and_its_end_raises_it_again() {
    let mut rig = rig("", Some(95));
    rig.once().await;
    assert!(escalated(&rig, PAIR));
    rig.write("check.yaml", &format!("{INVENTORY}{}", accept("2027-03-01T00:00:00Z")));
    rig.again().await;
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::NoOp, reason::ACCEPTED.to_owned()));
    assert!(!escalated(&rig, PAIR));
    rig.write("check.yaml", INVENTORY);
    let report = rig.again().await;
    assert_eq!((report.tally.reruns, stages(&rig, PAIR)[0].1), (1, FindingStage::Raised));
    then(&mut rig, Some(50)).await;
    assert!(rig.pair(PAIR).tracked.is_empty());
    log::verify(&rig.state());
}

#[tokio::test]
async fn what_is_not_accepted_counts_beside_what_is() {
    let more = "  - {name: os, key: os.id, operator: In, values: [\"other\"]}\n";
    let rig = rig(&format!("{more}{}", accept("2027-03-01T00:00:00Z")), Some(95));
    let report = rig.once().await;
    assert_eq!(reaction(&rig, PAIR), (ReactionOutcome::Escalate, reason::CONFIRMED.to_owned()));
    assert!(!view(&report, PAIR).accepted);
    let os = "expectation/os/ExpectationFailed".to_owned();
    assert_eq!(stages(&rig, PAIR), [(os, FindingStage::Raised), (DISK.to_owned(), FindingStage::Accepted)]);
}

#[test]
fn the_exit_code_counts_accepted_as_healthy_and_the_screen_says_so() {
    let home = Home::new();
    home.write("check.yaml", &format!("{INVENTORY}{}", accept("2999-01-01T00:00:00Z")));
    home.write("web.yaml", &host("web", Some(95)));
    let ended = home.once();
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("1 accepted"), "{}", ended.err);
    assert!(!ended.err.contains("no effect"), "{}", ended.err);
    // By its reason code too, also what could not be seen.
    home.write("check.yaml", &format!("{INVENTORY}{}", accept("2999-01-01T00:00:00Z").replace("root-disk", "CommandFailed")));
    home.write("web.yaml", &host("web", None));
    let ended = home.once();
    assert_eq!(ended.code, 2, "the expectation is not accepted\n{}{}", ended.out, ended.err);
    let both = accept("2999-01-01T00:00:00Z")
        .replace("accept: [", "accept: [{finding: CommandFailed, reason: r, owner: o, expires: \"2999-01-01T00:00:00Z\"}, ");
    home.write("check.yaml", &format!("{INVENTORY}{both}"));
    let ended = home.once();
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
}
