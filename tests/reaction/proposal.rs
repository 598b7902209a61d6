//! Our own proposals: one line that always passes, whatever was found; and what is sealed with a reaction.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use tecrax::api::{Assessment, Coverage, Digest, PairId, StatusFinding};
use tecrax::evidence::json::Json;
use tecrax::evidence::sclite::{Admission, Artifact, Bundle, Documents, EscalationProposal, layout, verify_reaction};
use tecrax::evidence::{ChainEvidence, Part, Rule, Show, chain_files};
use tecrax::profile::Profile;
use tecrax::reaction::artifacts::{EXPLANATION_MAX, Reacted, Told, reaction_parts, validate_proposal};
use tecrax::secrets::Redactor;

use crate::support::profile::known;

fn finding(component: &str, reason: &str) -> StatusFinding {
    StatusFinding {
        kind: "reading".to_owned(),
        component: component.to_owned(),
        reason_code: reason.to_owned(),
        message: "x".to_owned(),
        next_step: None,
    }
}

fn explanation(findings: &[StatusFinding]) -> String {
    Told { intent: "check_ntp_health", assessment: Assessment::Unhealthy, coverage: Coverage::Partial, findings }.explanation()
}

fn parts(reacted: &dyn Fn(ChainEvidence<'_>) -> Vec<Part>, pair: &PairId, facts: &Value, outcome: &str) -> Vec<Part> {
    reacted(ChainEvidence {
        pair,
        run_seq: 7,
        intent: "check_ntp_health",
        at: "2026-03-04T05:06:07.5Z".parse::<Timestamp>().unwrap(),
        profile: ("tecrax", "0.4.0"),
        profile_digest: Digest::of(b"profile"),
        facts,
        rule: Rule {
            id: "ntp.unhealthy",
            digest: Digest::of(b"rule"),
            kind: "ntp.unhealthy",
            severity: "medium",
            summary: "The clock is not synchronised.",
        },
        outcome,
        next_intent: None,
        reason: "matched:ntp.unhealthy",
        admission: Admission::NotApplicable,
        depth: 1,
        reaction_count: 1,
        visited: &[Digest::of(b"rule")],
        explanation: None,
    })
}

fn sealed(pair: &str, facts: &Value, findings: &[StatusFinding], redactor: &Redactor, show: Show) -> Vec<Part> {
    let reacted = |chain: ChainEvidence<'_>| {
        reaction_parts(
            &Reacted { chain, assessment: Assessment::Unhealthy, coverage: Coverage::Partial, findings },
            redactor,
            show,
        )
    };
    parts(&reacted, &PairId::parse(pair).unwrap(), facts, "escalate")
}

/// The chain as upstream checks it, every schema kept, the proposal fit.
fn accepted(parts: &[Part]) {
    let files = chain_files(parts.iter().map(|part| (part.name(), part.bytes()))).unwrap();
    let mut bundle = Bundle::new("chain");
    for (name, bytes) in &files {
        bundle.insert(*name, bytes.clone()).unwrap();
    }
    let documents = Documents::new(&bundle);
    let manifest = documents.artifact(layout::REACTION_MANIFEST).unwrap();
    verify_reaction(manifest.value(), &documents).unwrap();
    for (name, _) in &files {
        documents.artifact(name).unwrap().keeps_schema().unwrap();
    }
    let proposal: &Artifact = documents.artifact(layout::PROPOSAL).unwrap();
    validate_proposal(proposal.value(), &|_| None).unwrap();
}

#[test]
fn what_is_too_long_is_counted_and_what_reads_like_a_secret_is_withheld() {
    let many: Vec<StatusFinding> = (0..32).map(|number| finding(&format!("read_something_{number}"), "Timeout")).collect();
    let line = explanation(&many);
    assert!(line.chars().count() <= EXPLANATION_MAX && line.contains("read_something_0/reading/Timeout"), "{line}");
    let (_, counted) = line.split_once(",+").expect("a count");
    let more: usize = counted.split(';').next().unwrap().parse().unwrap();
    assert_eq!(line.matches("/reading/Timeout").count() + more, 32, "{line}");
    assert_eq!(line, explanation(&many), "the same every time");
    let line = explanation(&[finding("api_token_age", "Expired"), finding("disk", "docker exec x")]);
    assert!(line.contains("findings=withheld/reading/Expired,disk/reading/docker_exec_x;"), "{line}");
    assert!(explanation(&[]).contains("findings=none;"));
}

#[test]
fn a_reaction_that_asks_for_nothing_seals_nothing() {
    let redactor = Redactor::default();
    let reacted = |chain: ChainEvidence<'_>| {
        let said = Reacted { chain, assessment: Assessment::Healthy, coverage: Coverage::Complete, findings: &[] };
        reaction_parts(&said, &redactor, Show::default())
    };
    let pair = PairId::parse("default/ntp.web-07").unwrap();
    assert!(parts(&reacted, &pair, &json!({}), "no_op").is_empty());
    let names: Vec<&str> = parts(&reacted, &pair, &json!({}), "retry_intent").iter().map(Part::name).collect();
    assert_eq!(names, ["observation", "finding", "reaction_plan", "reaction_chain_manifest"]);
}

/// Secrets, paths and addresses are gone before anything is bound to them: the chain still holds.
#[test]
fn a_chain_holds_without_what_it_may_not_show() {
    let redactor = Redactor::new(["hunter2-canary".to_owned()]);
    let facts =
        json!({"note": "hunter2-canary", "path": "/var/lib/x", "server": "192.0.2.7", "verdict": {"assessment": "unhealthy"}});
    let findings = [finding("hunter2-canary", "Timeout")];
    let sealed = sealed("default/ntp.web-07", &facts, &findings, &redactor, Show::default());
    accepted(&sealed);
    let all: Vec<u8> = sealed.iter().flat_map(|part| part.bytes().to_vec()).collect();
    let all = String::from_utf8(all).unwrap();
    for gone in ["hunter2-canary", "/var/lib/x", "192.0.2.7"] {
        assert!(!all.contains(gone), "{gone}: {all}");
    }
    assert!(all.contains("default/ntp.web-07@7") && all.contains("\"2026-03-04T05:06:07+00:00\""), "{all}");
}

/// The longest names that manifests allow.
#[test]
fn names_are_shortened_and_stay_apart() {
    let label = "a".repeat(63);
    let last = "b".repeat(58);
    let target = |end: &str| format!("{label}.{label}.{last}{end}");
    let ids = ["c", "d"].map(|end| {
        let pair = format!("{label}/{label}.{}", target(end));
        let parts = sealed(&pair, &json!({}), &[], &Redactor::default(), Show::default());
        accepted(&parts);
        let observation: Value = serde_json::from_slice(parts[0].bytes()).unwrap();
        (observation["observation_id"].clone(), observation["source"]["target_id"].clone())
    });
    assert_ne!(ids[0].0, ids[1].0);
    assert_ne!(ids[0].1, ids[1].1);
}

/// A path that leads to a file of the profile is as unknown as any other word.
#[test]
fn an_intent_is_looked_up_and_never_a_path() {
    let profile = Profile::embedded(&known).unwrap();
    let intents = |id: &str| profile.operations.get(id).map(|operation| operation.modes.clone());
    let told = |intent: &str| {
        let named = EscalationProposal {
            proposal_id: "p",
            reaction_id: "r",
            created_at: "2026-03-04T05:06:07+00:00",
            suggested_outcome: "run_intent",
            intent: Some(intent),
            explanation: "x",
            evidence_refs: &["01_observation.json".to_owned()],
        };
        validate_proposal(&named.to_json(), &intents).map_err(|rejected| rejected.to_string())
    };
    assert_eq!(told("check_ntp_health"), Ok(()));
    for path in ["../intents/check_ntp_health", "./check_ntp_health", "check_ntp_health.yaml", "intents/check_ntp_health"] {
        assert_eq!(told(path), Err(format!("unknown_intent:{path}")));
    }
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![".*", "(token|password|sudo |http://|-----BEGIN ).*", "[a-z/ .:]{0,200}"]
}

proptest! {
    #[test]
    fn every_explanation_is_fit(findings in proptest::collection::vec((words(), words()), 0..40)) {
        let findings: Vec<StatusFinding> = findings.iter().map(|(component, reason)| finding(component, reason)).collect();
        let parts = sealed("default/ntp.web-07", &json!({}), &findings, &Redactor::default(), Show::default());
        accepted(&parts);
        let proposal: Value = serde_json::from_slice(parts.last().unwrap().bytes()).unwrap();
        prop_assert!(validate_proposal(&Json::from(&proposal), &|_| None).is_ok());
    }
}
