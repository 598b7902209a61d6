//! What a pass leads to: reactions, reruns, edits, removals, and several processes on one state directory.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::support::engine::{Rig, view};
use crate::support::hosts::{INVENTORY, fleet, host};
use crate::support::log;
use jiff::SignedDuration;
use serde_json::json;
use tecrax::api::{Assessment, ConditionType, ReactionOutcome, reason};
use tecrax::engine::{Event, Tally, reconcile, source_id};
use tecrax::plan::Mode;
use tecrax::status::lint;

/// A rig with the inventory Check and one host.
fn rig(used: Option<u32>) -> Rig {
    let rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", used));
    rig
}

fn tally(ran: u64, fresh: u64, reruns: u64) -> Tally {
    Tally { ran, fresh, reruns, ..Tally::default() }
}

#[tokio::test]
async fn healthy_needs_no_reaction() {
    let mut rig = rig(Some(50));
    let report = rig.once().await;
    assert_eq!(report.tally, tally(1, 0, 0));
    let seen = view(&report, "inventory.web");
    assert_eq!((seen.assessment, seen.reaction), (Assessment::Healthy, Some(ReactionOutcome::NoOp)));
    assert_eq!(rig.once().await.tally, tally(0, 1, 0), "fresh evidence is not taken again");
    rig.pass(269);
    assert_eq!(rig.once().await.tally, tally(0, 1, 0));
    rig.pass(1);
    assert_eq!(rig.once().await.tally, tally(1, 0, 0), "due after the interval less a tenth");
    let kinds: Vec<String> = log::rows(&rig.state()).into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds, ["run.v1", "reaction.v1", "run.v1", "reaction.v1"]);
    log::verify(&rig.state());
}

#[tokio::test]
async fn failing_is_confirmed_by_a_rerun_with_its_lineage_and_then_a_person_is_called() {
    let mut rig = rig(Some(95));
    let report = rig.once().await;
    assert_eq!(report.tally, tally(1, 0, 1));
    assert_eq!(view(&report, "inventory.web").reaction, Some(ReactionOutcome::Escalate));
    let rows = log::rows(&rig.state());
    let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["run.v1", "reaction.v1", "run.v1", "reaction.v1"]);
    assert_eq!((&rows[0].body["depth"], &rows[0].body["parent_seq"]), (&json!(0), &json!(null)));
    assert_eq!((&rows[2].body["depth"], &rows[2].body["parent_seq"]), (&json!(1), &json!(1)));
    assert_eq!(rows[1].body["reaction"]["outcome"], "rerun");
    assert_eq!(rows[1].body["reaction"]["intent"], "collect_basic_host_inventory");
    assert_eq!(rows[1].body["run_seq"], 1);
    assert_eq!(rows[3].body["reaction"]["outcome"], "escalate");
    assert_eq!(rows[3].body["reaction"]["reason"], reason::CONFIRMED);
    assert_eq!(rows[3].body["run_seq"], 3);
    assert_eq!(rows[2].body["readings"].as_array().unwrap().len(), 7, "a rerun takes its own readings");

    let state = rig.pair("inventory.web");
    assert_eq!((state.runs, state.reruns), (2, 1));
    assert_eq!(state.last.as_ref().unwrap().seq, 1, "the rerun does not replace its parent's facts");
    assert_eq!(state.raised().count(), 1);

    // Still failing: a person knows already, so nothing is confirmed again.
    let report = rig.again().await;
    assert_eq!(report.tally, tally(1, 0, 0));
    let status = rig.pair("inventory.web").status.unwrap();
    assert_eq!((status.reaction.outcome, status.reaction.reason.as_str()), (ReactionOutcome::Escalate, reason::STILL_FAILING));

    // Recovered.
    rig.write("web.yaml", &host("web", Some(50)));
    let report = rig.once().await;
    assert_eq!(report.tally, tally(1, 0, 0), "an edit runs at once");
    let status = rig.pair("inventory.web").status.unwrap();
    assert_eq!(status.reaction.outcome, ReactionOutcome::NoOp);
    assert!(status.conditions.iter().all(|condition| condition.r#type != ConditionType::Escalated));
    assert_eq!(
        status.history.iter().map(|entry| entry.assessment).collect::<Vec<_>>(),
        [Assessment::Healthy, Assessment::Unhealthy]
    );
    log::verify(&rig.state());
}

#[tokio::test]
async fn what_could_not_be_seen_is_unknown_and_escalated_like_the_rest() {
    let rig = rig(None);
    let report = rig.once().await;
    assert_eq!(report.tally, tally(1, 0, 1));
    let seen = view(&report, "inventory.web");
    assert_eq!((seen.assessment, seen.reaction), (Assessment::Unknown, Some(ReactionOutcome::Escalate)));
    assert!(seen.findings.iter().any(|finding| finding.reason_code == reason::COMMAND_FAILED), "{:?}", seen.findings);
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_degraded_expectation_reruns_too() {
    let rig = Rig::new();
    rig.write("check.yaml", &INVENTORY.replace("values: [\"90\"]", "values: [\"90\"], otherwise: degraded"));
    rig.write("web.yaml", &host("web", Some(95)));
    let report = rig.once().await;
    assert_eq!(view(&report, "inventory.web").assessment, Assessment::Degraded);
    assert_eq!(report.tally, tally(1, 0, 1));
    log::verify(&rig.state());
}

#[tokio::test]
async fn status_is_written_only_when_its_meaning_changes() {
    let mut rig = rig(Some(95));
    rig.once().await;
    rig.again().await;
    let before = rig.pair("inventory.web");
    // 96 instead of 95 per cent: another number, the same meaning, and another generation of the Target only.
    rig.write("web.yaml", &host("web", Some(96)));
    rig.again().await;
    let after = rig.pair("inventory.web");
    assert_eq!(after.status, before.status);
    assert!(after.last.as_ref().unwrap().started > before.last.as_ref().unwrap().started);
    assert_ne!(after.findings[0].message, before.findings[0].message, "the latest wording is kept beside the status");
    assert_eq!(after.since, before.since);
    assert_eq!(after.last.unwrap().failures, 3);
    // Another finding is another meaning.
    rig.write("web.yaml", &host("web", None));
    rig.again().await;
    assert_ne!(rig.pair("inventory.web").status, before.status);
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_rerun_lost_in_a_crash_is_made_up_for() {
    let mut rig = rig(Some(95));
    let crashing = rig.listening(
        "crashing",
        Arc::new(|event| {
            if let Event::Ran { rerun: false, .. } = event {
                panic!("the process ends here, after the run is durable and before its rerun");
            }
        }),
    );
    reconcile(&crashing, &rig.manifests(), Mode::Once).await.unwrap();
    assert_eq!(rig.pair("inventory.web").last.unwrap().reaction, ReactionOutcome::Rerun);
    // The dead process still holds its claim.
    let report = rig.once().await;
    assert_eq!(report.tally, Tally { busy: 1, ..Tally::default() });
    assert_eq!(rig.take_events(), ["busy default/inventory.web"]);
    rig.pass(181);
    let report = rig.once().await;
    assert_eq!(report.tally, tally(1, 0, 1), "RerunRequested, although the interval has not passed");
    assert_eq!(view(&report, "inventory.web").reaction, Some(ReactionOutcome::Escalate));
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_process_that_gives_up_leaves_no_claims() {
    let rig = rig(Some(50));
    let pair = tecrax::api::PairId::parse("default/inventory.web").unwrap();
    let (at, hour) = (rig.at, SignedDuration::from_hours(1));
    let other = rig.other("other");
    other.store().claim("other".to_owned(), move || at, vec![(pair, hour)]).await.unwrap();
    assert_eq!(rig.once().await.tally.busy, 1);
    other.give_up().await.unwrap();
    assert_eq!(rig.once().await.tally, tally(1, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_on_one_state_directory_share_the_work() {
    const HOSTS: usize = 60;
    let mut rig = Rig::new();
    rig.write("fleet.yaml", &fleet(HOSTS));
    for round in 1..=3 {
        let engines: Vec<_> = (0..4).map(|number| rig.other(&format!("process-{round}-{number}"))).collect();
        let paths = rig.manifests();
        let passes = engines.iter().map(|engine| reconcile(engine, &paths, Mode::Once));
        let reports = futures::future::try_join_all(passes).await.unwrap();
        let all = HOSTS as u64;
        assert_eq!(reports.iter().map(|report| report.tally.ran).sum::<u64>(), all);
        for report in &reports {
            let tally = report.tally;
            assert_eq!(tally.ran + tally.fresh + tally.busy, all, "{tally:?}");
            assert_eq!((tally.lost, tally.reruns), (0, 0));
        }
        let mut runs: BTreeMap<String, usize> = BTreeMap::new();
        for row in log::rows(&rig.state()).iter().filter(|row| row.kind == "run.v1") {
            *runs.entry(row.pair.clone()).or_default() += 1;
        }
        assert_eq!(runs.len(), HOSTS);
        assert!(runs.values().all(|count| *count == round), "a pair ran twice: {runs:?}");
        rig.pass(300);
    }
    log::verify(&rig.state());
}

#[tokio::test]
async fn an_immutable_field_is_not_edited_and_what_was_there_goes_on() {
    let rig = rig(Some(50));
    rig.write("other.yaml", &INVENTORY.replace("name: inventory}", "name: other}"));
    rig.once().await;
    rig.write(
        "check.yaml",
        &INVENTORY
            .replace("collect_basic_host_inventory", "check_ntp_health")
            .replace("  expect", "  #")
            .replace("  - {name: root", "  # "),
    );
    let report = rig.once().await;
    let names: Vec<_> = report.views.iter().map(|view| view.pair.observation_name()).collect();
    assert_eq!(names, ["inventory.web", "other.web"]);
    let stalled: Vec<_> = report.views.iter().map(|view| view.stalled.as_deref().unwrap_or_default()).collect();
    assert!(stalled[0].contains("Check/inventory") && stalled[1].is_empty(), "{stalled:?}");
    assert_eq!(view(&report, "inventory.web").intent, "collect_basic_host_inventory");
    let problem = report.problems.iter().find(|problem| problem.reason == reason::IMMUTABLE).expect("a problem");
    assert_eq!(problem.object.as_deref(), Some("Check/inventory"));
    assert!(problem.message.contains("collect_basic_host_inventory"), "{problem}");
    assert!(problem.help.as_ref().unwrap().contains("new name"));
    assert_eq!(problem.place.as_ref().unwrap().line, 1);
    assert_eq!(report.removed, [], "a broken edit removes nothing");
    // The edit undone, everything is as before.
    rig.write("check.yaml", INVENTORY);
    let report = rig.once().await;
    assert_eq!((report.tally, report.views.len()), (tally(0, 2, 0), 2));
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_removed_pair_gets_one_tombstone_and_keeps_its_evidence() {
    let mut rig = rig(Some(95));
    rig.write("db.yaml", &host("db", Some(50)));
    rig.once().await;
    rig.remove("web.yaml");
    let report = rig.once().await;
    let removed: Vec<String> = report.removed.iter().map(ToString::to_string).collect();
    assert_eq!(removed, ["default/inventory.web"]);
    assert_eq!(report.views.len(), 1);
    let state = rig.pair("inventory.web");
    assert!(state.removed && state.status.is_none() && state.last.is_none() && state.tracked.is_empty());
    assert_eq!((state.seq, state.runs), (5, 2), "the records stay, and one is added");
    rig.again().await;
    assert_eq!(rig.pair("inventory.web").seq, 5, "one tombstone is enough");
    let rows = log::rows(&rig.state());
    let tombstone = rows.iter().find(|row| row.kind == "tombstone.v1").expect("a tombstone");
    assert_eq!((tombstone.pair.as_str(), tombstone.seq), ("default/inventory.web", 5));
    assert!(tombstone.body["manifest_digest"].is_string());

    // It comes back within its interval: it starts anew, is not fresh by what an earlier life said, and is confirmed again.
    rig.write("web.yaml", &host("web", Some(95)));
    let report = rig.once().await;
    assert_eq!(report.tally, tally(1, 1, 1));
    assert_eq!(view(&report, "inventory.web").reaction, Some(ReactionOutcome::Escalate));
    let state = rig.pair("inventory.web");
    assert!(!state.removed);
    assert_eq!((state.seq, state.last.unwrap().failures), (9, 1));
    assert_eq!(state.since, Some(rig.at));
    log::verify(&rig.state());
}

#[tokio::test]
async fn a_tombstone_missed_in_a_crash_is_made_up_for() {
    let rig = rig(Some(50));
    rig.once().await;
    rig.remove("web.yaml");
    // Another process works on the pair, so it can not be buried now.
    let pair = tecrax::api::PairId::parse("default/inventory.web").unwrap();
    let other = rig.other("other");
    let at = rig.at;
    other.store().claim("other".to_owned(), move || at, vec![(pair, SignedDuration::from_hours(1))]).await.unwrap();
    assert_eq!(rig.once().await.removed, []);
    other.give_up().await.unwrap();
    assert_eq!(rig.once().await.removed.len(), 1, "although the manifests did not change since");
    log::verify(&rig.state());
}

#[tokio::test]
async fn manifests_with_errors_remove_nothing() {
    let rig = rig(Some(50));
    rig.once().await;
    rig.write(
        "web.yaml",
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: web, labels: {site: lab}}\nspec: {typ: Host}\n",
    );
    let report = rig.once().await;
    assert!(report.problems.iter().any(|problem| problem.reason == reason::UNKNOWN_FIELD), "{:?}", report.problems);
    assert_eq!(report.removed, []);
    assert!(!rig.pair("inventory.web").removed);
    // A directory that is not there proves nothing either.
    std::fs::rename(rig.manifests()[0].as_path(), rig.dir.path().join("elsewhere")).unwrap();
    let report = rig.once().await;
    assert!(report.problems.iter().any(|problem| problem.reason == reason::EMPTY_PATH), "{:?}", report.problems);
    assert_eq!(report.removed, []);
}

#[tokio::test]
async fn what_another_set_of_manifests_wants_is_not_removed() {
    let rig = rig(Some(50));
    rig.once().await;
    let elsewhere = rig.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("db.yaml"), format!("{INVENTORY}{}", host("db", Some(50)))).unwrap();
    let report = reconcile(&rig.engine, &[elsewhere], Mode::Once).await.unwrap();
    assert_eq!((report.views.len(), report.removed.len()), (1, 0));
    assert!(!rig.pair("inventory.web").removed);
}

#[tokio::test]
async fn one_bad_document_costs_only_itself() {
    let rig = rig(Some(50));
    rig.write(
        "many.yaml",
        &format!(
            "{}---\nkind: [\n{}---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: bad}}\nspec: {{intent: nonsense, targetRef: {{name: web}}}}\n{}",
            host("a", Some(50)),
            host("b", Some(50)),
            host("c", Some(50))
        ),
    );
    let report = rig.once().await;
    assert_eq!(report.tally, tally(4, 0, 0));
    let reasons: Vec<_> = report.problems.iter().map(|problem| problem.reason).collect();
    assert_eq!(reasons, [reason::SYNTAX, reason::UNKNOWN_INTENT], "{:?}", report.problems);
}

#[tokio::test]
async fn stale_evidence_is_unknown_when_read_and_sound_when_written() {
    let mut rig = rig(Some(50));
    rig.once().await;
    rig.pass(631);
    rig.write("check.yaml", &INVENTORY.replace("name: inventory}", "name: inventory, labels: {a: b}}"));
    // Suspended, so that the pass does not look again.
    rig.write("web.yaml", &host("web", Some(50)).replace("  type: Host", "  type: Host\n  suspend: true"));
    let report = rig.once().await;
    let seen = view(&report, "inventory.web");
    assert_eq!((seen.assessment, seen.reason.as_str()), (Assessment::Unknown, reason::STALE));
    assert!(seen.suspended);
    let status = rig.pair("inventory.web").status.unwrap();
    assert_eq!(status.assessment, Assessment::Healthy, "the log says what was seen");
    assert_eq!(lint(&status), Vec::<String>::new());
}

#[tokio::test]
async fn recorded_readings_need_leave() {
    let rig = rig(Some(50));
    let engine = tecrax::engine::Engine::new(tecrax::engine::EngineOptions {
        profile: Arc::clone(rig.engine.profile()),
        store: tecrax::store::Store::open(&rig.state(), "x").unwrap(),
        open: tecrax::connect::OpenContext::new(tecrax::connect::Environment::default(), false),
        now: rig.clock.now(),
        holder: "strict".to_owned(),
        redactor: tecrax::secrets::Redactor::default(),
        show: tecrax::evidence::Show::default(),
        listener: Arc::new(|_| {}),
    });
    let report = reconcile(&engine, &rig.manifests(), Mode::Once).await.unwrap();
    let seen = view(&report, "inventory.web");
    assert_eq!((seen.assessment, seen.reason.as_str()), (Assessment::Unknown, reason::FIXTURES_NOT_ALLOWED));
}

#[tokio::test]
async fn a_claim_from_before_the_clock_stepped_back_blocks_nobody() {
    let mut rig = rig(Some(50));
    let pair = tecrax::api::PairId::parse("default/inventory.web").unwrap();
    let dead = rig.other("dead");
    let tomorrow = rig.at + SignedDuration::from_hours(24);
    dead.store().claim("dead".to_owned(), move || tomorrow, vec![(pair, SignedDuration::from_mins(2))]).await.unwrap();
    assert_eq!(rig.once().await.tally, tally(1, 0, 0));
    rig.again().await;
    log::verify(&rig.state());
}

#[test]
fn a_trailing_slash_makes_no_other_set_of_manifests() {
    let id = |path: &str| source_id(&[path.into()]);
    assert_eq!(id("manifests"), id("manifests/"));
    assert_eq!(id("manifests"), id("./manifests/."));
    assert_ne!(id("manifests"), id("manifests/web"));
}
