//! What holds of every decision about Escalations, whatever the world is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::support::cases::cases;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tecrax::api::{
    Criticality, EscalationId, FindingStage, LabelName, Namespace, PairId, StatusFinding, SubdomainName, TrackedFinding,
};
use tecrax::reaction::escalation::{Decision, EscalationChange, Look, Matter, World, is_loss, loss_key, reconcile};

/// Targets of a drawn world.
const TARGETS: usize = 24;

/// What one pair says.
#[derive(Debug, Clone)]
struct Said {
    target: usize,
    check: usize,
    started: i64,
    lost: bool,
    runs: bool,
    tracked: Vec<TrackedFinding>,
}

#[derive(Debug, Clone)]
struct Drawn {
    said: Vec<Said>,
    parents: Vec<(usize, usize)>,
    holds: bool,
    now: i64,
}

fn at(minute: i64) -> Timestamp {
    "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn target(index: usize) -> SubdomainName {
    SubdomainName::parse(&format!("t-{index:02}")).unwrap()
}

fn finding() -> impl Strategy<Value = TrackedFinding> {
    let words = prop_oneof![
        4 => Just(("reading", "all 7 readings", "Unreachable")),
        2 => Just(("reading", "both readings", "Timeout")),
        1 => Just(("reading", "read_x", "Unreachable")),
        2 => Just(("facts", "clock", "ntp_not_synchronized")),
        1 => Just(("expectation", "root-disk", "ExpectationFailed")),
    ];
    let stage = prop_oneof![1 => Just(FindingStage::Pending), 1 => Just(FindingStage::Accepted), 6 => Just(FindingStage::Raised)];
    let severity = prop_oneof![Just(Criticality::Low), Just(Criticality::Medium), Just(Criticality::Critical)];
    (words, stage, severity, -30_i64..0, 1_u32..5, 0_u32..2).prop_map(|(words, stage, severity, first, seen, gone)| {
        let (kind, component, reason) = words;
        let finding = StatusFinding {
            kind: kind.to_owned(),
            component: component.to_owned(),
            reason_code: reason.to_owned(),
            message: format!("{component} says {reason}."),
            next_step: None,
        };
        let (first_seen, last_seen) = (at(first), at(first / 2));
        let (seen_before, runs_before, blind) = (0, 0, Vec::new());
        TrackedFinding { finding, severity, stage, first_seen, last_seen, seen, gone, seen_before, runs_before, blind }
    })
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let said =
        (0..TARGETS, 0_usize..2, -20_i64..1, any::<bool>(), prop::bool::weighted(0.9), prop::collection::vec(finding(), 0..3))
            .prop_map(|(target, check, started, lost, runs, mut tracked)| {
                let mut seen = BTreeSet::new();
                tracked.retain(|tracked| seen.insert(tracked.key().to_string()));
                Said { target, check, started, lost, runs, tracked }
            });
    // Parents have smaller numbers than their children: there is no circle.
    let parents = prop::collection::vec((0..TARGETS, 0..TARGETS), 0..6);
    (prop::collection::vec(said, 0..48), parents, any::<bool>(), 0_i64..30).prop_map(|(mut said, parents, holds, now)| {
        let mut seen = BTreeSet::new();
        said.retain(|said| seen.insert((said.target, said.check)));
        let parents = parents.into_iter().filter(|(child, parent)| parent < child).collect();
        Drawn { said, parents, holds, now }
    })
}

fn decide(drawn: &Drawn, known: &BTreeMap<EscalationId, Matter>) -> Decision {
    let pairs: Vec<PairId> = drawn
        .said
        .iter()
        .map(|said| PairId {
            namespace: Namespace::default(),
            check: LabelName::parse(&format!("c{}", said.check)).unwrap(),
            target: target(said.target),
        })
        .collect();
    let looks = drawn.said.iter().zip(&pairs).map(|(said, pair)| Look {
        pair,
        started: at(said.started),
        since: at(said.started - 1),
        lost: said.lost,
        runs: said.runs,
        last_healthy: None,
        single: false,
        turn: SignedDuration::from_mins(5),
        tracked: &said.tracked,
    });
    let mut parents: BTreeMap<(Namespace, SubdomainName), Vec<SubdomainName>> = BTreeMap::new();
    for (child, parent) in &drawn.parents {
        parents.entry((Namespace::default(), target(*child))).or_default().push(target(*parent));
    }
    reconcile(&World {
        looks: looks.collect(),
        parents,
        runbooks: HashMap::new(),
        known: known.iter().map(|(id, matter)| (id.clone(), matter)).collect(),
        began: Timestamp::MIN,
        holds: drawn.holds,
        now: at(drawn.now),
    })
}

fn apply(known: &mut BTreeMap<EscalationId, Matter>, decision: &Decision) {
    for change in &decision.changes {
        let before = known.insert(change.id.clone(), change.matter.clone());
        let was_open = before.as_ref().is_some_and(Matter::is_open);
        match change.change {
            EscalationChange::Opened => assert!(before.is_none(), "{} is opened twice", change.id),
            EscalationChange::Reopened => {
                let before = before.expect("what is reopened was there");
                assert!(!before.is_open() && change.matter.incident == before.incident + 1, "{}", change.id);
            }
            EscalationChange::Resolved => assert!(was_open && !change.matter.is_open() && change.matter.suppressed.is_none()),
            EscalationChange::Suppressed => assert!(was_open && change.matter.suppressed.is_some()),
            EscalationChange::Unsuppressed => assert!(was_open && change.matter.suppressed.is_none()),
            EscalationChange::Updated => assert!(was_open && change.matter.is_open()),
            EscalationChange::Acknowledged | EscalationChange::Unacknowledged => panic!("only a person does that"),
        }
    }
}

/// (target, key, check) of every claim; all losses of a Target have one key.
fn claims(drawn: &Drawn) -> BTreeSet<(String, String, String)> {
    let mut claims = BTreeSet::new();
    for said in &drawn.said {
        for tracked in said.tracked.iter().filter(|tracked| tracked.stage == FindingStage::Raised) {
            let key = if is_loss(&tracked.key(), false) { loss_key() } else { tracked.key() };
            claims.insert((target(said.target).to_string(), key.to_string(), format!("c{}", said.check)));
        }
    }
    claims
}

fn check_open(drawn: &Drawn, known: &BTreeMap<EscalationId, Matter>) {
    let open: Vec<&Matter> = known.values().filter(|matter| matter.is_open()).collect();
    let single = open.iter().filter(|matter| matter.target.is_some());
    let mut keys = BTreeSet::new();
    let mut found = BTreeSet::new();
    for matter in single {
        let (target, key) = (matter.target.as_ref().unwrap().to_string(), matter.key.to_string());
        assert!(keys.insert((target.clone(), key.clone())), "two are open for {target} {key}");
        for claim in &matter.claims {
            found.insert((target.clone(), key.clone(), claim.check.to_string()));
        }
    }
    assert_eq!(found, claims(drawn), "every claim has its Escalation, and every Escalation its claims");
    // A group stands for what it suppresses, and for nothing else.
    for matter in open.iter().filter(|matter| matter.target.is_none()) {
        let members = matter.members.as_ref().expect("members");
        assert!(members.total > 0, "an empty group");
    }
    for (id, matter) in known.iter().filter(|(_, matter)| matter.is_open()) {
        if let Some(suppressed) = &matter.suppressed {
            assert!(matter.target.is_some(), "{id} is a group and suppressed");
            assert!(!suppressed.by.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(400)))]

    #[test]
    fn every_claim_is_in_one_escalation_and_nothing_is_done_twice(worlds in prop::collection::vec(drawn(), 1..5)) {
        let mut known = BTreeMap::new();
        for (index, drawn) in worlds.iter().enumerate() {
            // Time goes on from world to world.
            let drawn = Drawn { now: drawn.now + 10 * i64::try_from(index).unwrap(), ..drawn.clone() };
            let decision = decide(&drawn, &known);
            prop_assert_eq!(&decide(&drawn, &known), &decision, "the same world, other changes");
            apply(&mut known, &decision);
            let again = decide(&drawn, &known);
            prop_assert!(again.changes.is_empty(), "not settled: {:#?}\nafter {:#?}", again.changes, decision.changes);
            check_open(&drawn, &known);
        }
    }

    #[test]
    fn what_nobody_claims_any_more_is_resolved_whoever_is_lost(drawn in drawn()) {
        let mut known = BTreeMap::new();
        let decision = decide(&drawn, &known);
        apply(&mut known, &decision);
        let mut silent = drawn.clone();
        silent.said.iter_mut().for_each(|said| said.tracked.clear());
        let decision = decide(&silent, &known);
        apply(&mut known, &decision);
        prop_assert!(known.values().all(|matter| !matter.is_open()));
    }

    #[test]
    fn the_order_in_which_pairs_are_listed_changes_nothing(drawn in drawn()) {
        let known = BTreeMap::new();
        let mut turned = drawn.clone();
        turned.said.reverse();
        prop_assert_eq!(decide(&drawn, &known), decide(&turned, &known));
    }
}
