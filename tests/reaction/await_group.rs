//! The call for one lost Target waits while it may be one of many, and no longer.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use tecrax::api::{
    Criticality, EscalationId, FindingStage, LabelName, Namespace, PairId, StatusFinding, SubdomainName, TrackedFinding,
};
use tecrax::reaction::escalation::{HOLD_MAX, HOLD_MIN, LOST_MIN, Look, Matter, SuppressionReason, World, reconcile};

/// A namespace of Targets that are looked at once a minute or so.
struct Site {
    /// Start of the latest run of each, in seconds; since when it gives no answer; since when it answers, or did.
    targets: Vec<(i64, Option<i64>, i64)>,
    /// How long a loss must last before it is a matter, in seconds.
    confirmed: i64,
    interval: i64,
    holds: bool,
    known: BTreeMap<EscalationId, Matter>,
    again: Option<Timestamp>,
}

fn at(second: i64) -> Timestamp {
    "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(second)
}

impl Site {
    /// Nobody is lost, and all were looked at a while ago.
    fn of(targets: usize) -> Self {
        let targets = (0..targets).map(|_| (-40, None, -1000)).collect();
        Self { targets, confirmed: 0, interval: 60, holds: true, known: BTreeMap::new(), again: None }
    }

    /// A run of a Target that is lost, or is not, at `second`.
    fn look(&mut self, target: usize, second: i64, lost: bool) {
        let (_, began, answers) = self.targets[target];
        let answers = if began.is_some() && !lost { second } else { answers };
        self.targets[target] = (second, lost.then(|| began.unwrap_or(second)), answers);
    }

    /// Decides at `second`; returns who is called.
    fn decide(&mut self, second: i64) -> Vec<String> {
        let name = |target: usize| SubdomainName::parse(&format!("t-{target:02}")).unwrap();
        let pair = |target: usize| PairId {
            namespace: Namespace::default(),
            check: LabelName::parse("c").unwrap(),
            target: name(target),
        };
        let pairs: Vec<PairId> = (0..self.targets.len()).map(pair).collect();
        let tracked: Vec<Vec<TrackedFinding>> =
            self.targets.iter().map(|(started, lost, _)| self.tracked(*started, *lost)).collect();
        let looks = self.targets.iter().zip(&pairs).zip(&tracked).map(|(((started, lost, answers), pair), tracked)| Look {
            pair,
            started: at(*started),
            since: at(lost.unwrap_or(*answers)),
            lost: lost.is_some(),
            runs: true,
            last_healthy: None,
            single: false,
            turn: SignedDuration::from_secs(self.interval),
            tracked,
        });
        let decision = reconcile(&World {
            looks: looks.collect(),
            parents: BTreeMap::new(),
            runbooks: HashMap::new(),
            known: self.known.iter().map(|(id, matter)| (id.clone(), matter)).collect(),
            began: Timestamp::MIN,
            holds: self.holds,
            now: at(second),
        });
        self.again = decision.again;
        self.known.extend(decision.changes.into_iter().map(|change| (change.id, change.matter)));
        self.known.iter().filter(|(_, matter)| matter.calls(at(second))).map(|(id, _)| id.name.to_string()).collect()
    }

    fn tracked(&self, started: i64, lost: Option<i64>) -> Vec<TrackedFinding> {
        let Some(lost) = lost else { return Vec::new() };
        let finding = StatusFinding {
            kind: "reading".to_owned(),
            component: "all 7 readings".to_owned(),
            reason_code: "Unreachable".to_owned(),
            message: "all 7 readings: no route to host".to_owned(),
            next_step: None,
        };
        let stage = if started - lost >= self.confirmed { FindingStage::Raised } else { FindingStage::Pending };
        let (first_seen, last_seen) = (at(lost), at(started));
        let severity = Criticality::Medium;
        let (seen, gone, seen_before, runs_before, blind) = (1, 0, 0, 0, Vec::new());
        vec![TrackedFinding { finding, severity, stage, first_seen, last_seen, seen, gone, seen_before, runs_before, blind }]
    }

    fn waiting(&self) -> usize {
        let waits = |matter: &&Matter| {
            let reason = matter.suppressed.as_ref().map(|suppressed| suppressed.reason);
            matter.is_open() && reason == Some(SuppressionReason::AwaitingGroup)
        };
        self.known.values().filter(waits).count()
    }
}

const MIN: i64 = HOLD_MIN.as_secs();

#[test]
fn a_cut_that_is_noticed_bit_by_bit_is_one_call() {
    let mut site = Site::of(12);
    for lost in 0..12 {
        let second = i64::try_from(lost).unwrap() * 5;
        site.look(lost, second, true);
        let calls = site.decide(second + 1);
        if lost + 1 < LOST_MIN {
            assert_eq!((calls.len(), site.waiting()), (0, lost + 1), "{calls:?}");
        } else {
            assert!(calls.len() == 1 && calls[0].starts_with("group."), "{calls:?}");
        }
    }
}

#[test]
fn runs_that_began_before_the_cut_and_went_well_do_not_call_anybody_early() {
    let mut site = Site::of(12);
    // The run of the first hung in the cut; those of others had just been through.
    site.look(0, 0, true);
    for other in 1..4 {
        site.look(other, 1, false);
    }
    assert_eq!(site.decide(10), Vec::<String>::new());
    for lost in 4..8 {
        site.look(lost, 12, true);
    }
    let calls = site.decide(14);
    assert!(calls.len() == 1 && calls[0].starts_with("group."), "{calls:?}");
}

#[test]
fn one_dead_host_is_called_for_after_the_shortest_hold() {
    let mut site = Site::of(12);
    site.look(0, 0, true);
    assert_eq!(site.decide(1), Vec::<String>::new());
    assert_eq!(site.again, Some(at(1 + MIN)), "somebody looks again when it is over");
    for other in 1..12 {
        site.look(other, 2, false);
    }
    assert_eq!(site.decide(MIN), Vec::<String>::new());
    let calls = site.decide(1 + MIN);
    assert!(calls.len() == 1 && calls[0].starts_with("t-00."), "{calls:?}");
    assert_eq!(site.again, None);
}

#[test]
fn while_most_of_what_is_looked_at_is_lost_the_hold_goes_on_until_the_targets_own_turn() {
    let mut site = Site::of(12);
    site.look(0, 0, true);
    site.decide(1);
    site.look(1, 20, true);
    assert_eq!(site.decide(1 + MIN), Vec::<String>::new(), "nobody has answered since");
    assert_eq!(site.again, Some(at(61)), "when its own turn comes, at the latest");
    assert_eq!(site.decide(60), Vec::<String>::new());
    assert_eq!(site.decide(61).len(), 1, "its turn has come");
    // Once three have answered, two are no mass failure.
    for other in 2..6 {
        site.look(other, 62, false);
    }
    assert_eq!(site.decide(63).len(), 2);
}

#[test]
fn nothing_waits_where_too_few_could_be_lost_and_nothing_longer_than_the_bound() {
    let mut few = Site::of(LOST_MIN - 1);
    few.look(0, 0, true);
    assert_eq!(few.decide(1).len(), 1);
    // The others have been dead for long.
    let mut old = Site::of(12);
    for dead in 4..12 {
        old.targets[dead] = (-10, Some(-5000), -9000);
    }
    old.holds = false;
    old.decide(-9);
    old.holds = true;
    let before = old.known.len();
    old.look(0, 0, true);
    old.decide(1);
    assert_eq!((old.known.len() - before, old.waiting()), (1, 0));
    let mut slow = Site::of(12);
    slow.interval = 86_400;
    slow.look(0, 0, true);
    slow.decide(1);
    assert_eq!(slow.decide(HOLD_MAX.as_secs()), Vec::<String>::new());
    assert_eq!(slow.decide(HOLD_MAX.as_secs() + 1).len(), 1);
}

#[test]
fn losses_that_need_confirmation_wait_for_each_other_too() {
    let mut site = Site::of(8);
    site.confirmed = 120;
    for round in 0..3 {
        for target in 0..8 {
            let second = i64::try_from(round * 60 + target * 7).unwrap();
            site.look(target, second, true);
            let calls = site.decide(second + 1);
            let group = round == 2 && target + 1 >= LOST_MIN;
            assert_eq!(calls.len(), usize::from(group), "round {round}, target {target}: {calls:?}");
        }
    }
}

#[test]
fn whoever_does_not_look_again_holds_nothing_back_but_ends_no_hold_either() {
    let mut once = Site::of(12);
    once.holds = false;
    once.look(0, 0, true);
    assert_eq!(once.decide(1).len(), 1);
    // Called is called: the daemon does not take it back.
    once.holds = true;
    assert_eq!((once.decide(2).len(), once.waiting()), (1, 0));
    let mut daemon = Site::of(12);
    daemon.look(0, 0, true);
    daemon.decide(1);
    daemon.holds = false;
    assert_eq!((daemon.decide(2).len(), daemon.waiting()), (0, 1));
}

#[test]
fn a_clock_that_steps_back_prolongs_no_hold() {
    let mut site = Site::of(12);
    site.look(0, 0, true);
    site.decide(1);
    assert_eq!(site.decide(-7200).len(), 1);
}

#[test]
fn who_answers_again_in_time_was_nobodys_call() {
    let mut site = Site::of(12);
    site.look(0, 0, true);
    site.decide(1);
    site.look(0, 20, false);
    assert_eq!(site.decide(21), Vec::<String>::new());
    assert!(site.known.values().all(|matter| !matter.is_open()));
}

#[test]
fn who_is_left_of_a_group_is_called_for_at_once_when_it_was_looked_at_since() {
    for (looked, calls) in [(101, 0), (130, 2)] {
        let mut site = Site::of(12);
        (0..12).for_each(|lost| site.look(lost, 0, true));
        assert_eq!(site.decide(1).len(), 1);
        // Nobody decides for a while: the process was gone.
        (2..12).for_each(|back| site.look(back, 100, false));
        (0..2).for_each(|left| site.look(left, looked, true));
        let called = site.decide(140);
        assert_eq!(called.len(), calls, "looked at {looked}: {called:?}");
        (0..2).for_each(|left| site.look(left, 150, true));
        assert_eq!(site.decide(151).len(), 2);
    }
}
