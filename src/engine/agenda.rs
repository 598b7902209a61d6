//! When each pair is due, kept as pairs run: a turn of the daemon's loop costs what is due, not what is wanted.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::carry::carry;
use super::due::{Due, TargetDue};
use super::intervals::Intervals;
use super::lanes::Lanes;
use super::slot::{Outline, Slot};
use super::work::TargetKey;
use crate::api::{LastEvidence, PairId};
use crate::desired::{DesiredCheck, Pair};
use crate::plan::propose;

/// When each of some wanted pairs is due. A pair is meant by its position in the list, in the order of the ids, that the agenda was made
/// or renewed with; every call takes this list.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    slots: Vec<Slot>,
    intervals: Intervals,
    /// Of the plan of each Check, which says nothing of the Target.
    plans: Vec<Outline>,
    /// Milliseconds since 1970 and pair, earliest first. Where the slot of the pair says otherwise, the entry is out of date.
    queue: BinaryHeap<Reverse<(i64, u32)>>,
    /// Pairs that came due while their Target was looked at.
    waiting: HashMap<TargetKey, Vec<u32>>,
    pause: Duration,
}

/// When a pair started last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Started {
    /// It is not run, because policy refused it.
    Refused,
    /// It has no evidence.
    Never,
    /// Then.
    At(Timestamp),
}

impl Agenda {
    /// The agenda of `pairs`. `last` is moved out pair by pair.
    pub(super) fn new(pairs: &[Pair], mut last: HashMap<PairId, LastEvidence>, now: Timestamp) -> Self {
        Self::with(pairs, now, |pair| last.remove(&pair.id))
    }

    /// The agenda of `pairs` with what is known of the pairs of `before`.
    pub(super) fn renew(&mut self, before: &[Pair], pairs: &[Pair], now: Timestamp) {
        let mut known = carry(before, std::mem::take(&mut self.slots));
        *self = Self::with(pairs, now, |pair| known(pair)?.1.last);
    }

    fn with(pairs: &[Pair], now: Timestamp, mut last: impl FnMut(&Pair) -> Option<LastEvidence>) -> Self {
        let mut agenda = Self::default();
        let mut check: Option<&Arc<DesiredCheck>> = None;
        for pair in pairs {
            // In the order of the ids, pairs of one Check follow each other.
            if check.is_none_or(|check| !Arc::ptr_eq(check, &pair.check)) {
                let plan = propose(pair);
                agenda.plans.push(Outline { digest: plan.digest(), lanes: Lanes::of([&plan]) });
                check = Some(&pair.check);
            }
            let plan = u32::try_from(agenda.plans.len().saturating_sub(1)).unwrap_or(u32::MAX);
            agenda.slots.push(Slot { last: last(pair), queued: None, plan, asked: false, refused: false });
        }
        agenda.intervals = Intervals::of_all(pairs);
        agenda.pause = agenda.intervals.pause();
        agenda.weigh_all(pairs, now);
        agenda
    }

    /// Computes anew when everything is due: the wall clock was stepped.
    pub(super) fn weigh_all(&mut self, pairs: &[Pair], now: Timestamp) {
        self.queue.clear();
        self.waiting.clear();
        self.slots.iter_mut().for_each(|slot| slot.queued = None);
        let all = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        (0..all).for_each(|index| self.weigh(pairs, index, now));
    }

    /// Computes anew when these pairs are due: a round of their Target is over.
    pub(super) fn weigh_these(&mut self, pairs: &[Pair], these: &[u32], now: Timestamp) {
        for index in these {
            self.weigh(pairs, *index, now);
        }
    }

    fn weigh(&mut self, pairs: &[Pair], index: u32, now: Timestamp) {
        let Some((slot, pair)) = slot(&mut self.slots, pairs, index) else { return };
        let next = slot.timing(pair, &self.plans, now).next.map(Timestamp::as_millisecond);
        if slot.queued != next {
            slot.queued = next;
            self.queue.extend(next.map(|next| Reverse((next, index))));
        }
    }

    /// Somebody asks for runs of these pairs, and of no others. Pairs that are not wanted are none of our business. Returns those that
    /// policy has refused: they do not run.
    pub(super) fn ask(&mut self, pairs: &[Pair], asked: &HashSet<PairId>, now: Timestamp) -> Vec<PairId> {
        let asked: HashSet<u32> = asked.iter().filter_map(|pair| position(pairs, pair)).collect();
        for index in 0..u32::try_from(self.slots.len()).unwrap_or(u32::MAX) {
            let Some((slot, _)) = slot(&mut self.slots, pairs, index) else { continue };
            if std::mem::replace(&mut slot.asked, asked.contains(&index)) != slot.asked && slot.queued.is_some() {
                self.weigh(pairs, index, now);
            }
        }
        let refused = asked.into_iter().filter(|index| self.slots.get(*index as usize).is_some_and(|slot| slot.refused));
        refused.filter_map(|index| pairs.get(index as usize)).map(|pair| pair.id.clone()).collect()
    }

    /// The latest evidence of a pair: whoever asked for it has it. One that is not wanted is none of our business.
    pub(super) fn learn(&mut self, pairs: &[Pair], pair: &PairId, last: Option<LastEvidence>) {
        if let Some((slot, _)) = position(pairs, pair).and_then(|index| slot(&mut self.slots, pairs, index)) {
            slot.last = last;
            slot.asked = false;
        }
    }

    /// Policy refused the plan of a pair.
    pub(super) fn refuse(&mut self, pairs: &[Pair], pair: &PairId) {
        let Some((slot, pair)) = position(pairs, pair).and_then(|index| slot(&mut self.slots, pairs, index)) else { return };
        if !std::mem::replace(&mut slot.refused, true) {
            self.intervals.remove(pair);
        }
    }

    /// A round of a Target is over: what came due meanwhile comes now.
    pub(super) fn free(&mut self, pairs: &[Pair], key: &TargetKey, now: Timestamp) {
        if let Some(these) = self.waiting.remove(key) {
            self.weigh_these(pairs, &these, now);
        }
    }

    /// Takes what is due out of the queue. Pairs of a Target that is `busy` wait until that is free, those that are only due on one that
    /// `rests` until it has.
    pub(super) fn due(
        &mut self,
        pairs: &[Pair],
        busy: &HashSet<TargetKey>,
        rests: impl Fn(&TargetKey) -> Option<Duration>,
        now: Timestamp,
    ) -> Due {
        let mut targets: Vec<TargetDue> = Vec::new();
        let mut of_target: HashMap<TargetKey, usize> = HashMap::new();
        while let Some(Reverse((at, index))) = self.queue.peek().copied().filter(|Reverse((at, _))| *at <= now.as_millisecond()) {
            self.queue.pop();
            let Some((slot, pair)) = slot(&mut self.slots, pairs, index) else { continue };
            if slot.queued != Some(at) {
                continue;
            }
            slot.queued = None;
            let timing = slot.timing(pair, &self.plans, now);
            if !timing.why.runs() {
                self.weigh(pairs, index, now);
                continue;
            }
            let key = (pair.id.namespace.clone(), pair.id.target.clone());
            if busy.contains(&key) {
                self.waiting.entry(key).or_default().push(index);
                continue;
            }
            let position = *of_target.entry(key.clone()).or_insert(targets.len());
            if position == targets.len() {
                targets.push(TargetDue::new(key));
            }
            if let (Some(target), Some(plan)) = (targets.get_mut(position), self.plans.get(slot.plan as usize)) {
                target.take(index, pair, timing, &plan.lanes);
            }
        }
        targets.retain(|target| {
            let Some(rest) = rests(&target.key).filter(|_| target.patient) else { return true };
            let until =
                now.as_millisecond().saturating_add(i64::try_from(rest.as_millis()).unwrap_or(i64::MAX)).saturating_add(1);
            for index in &target.pairs {
                if let Some((slot, _)) = slot(&mut self.slots, pairs, *index) {
                    slot.queued = Some(until);
                    self.queue.push(Reverse((until, *index)));
                }
            }
            false
        });
        let late = targets.iter().filter_map(|target| target.oldest).min().map(|slot| now.duration_since(slot));
        Due { targets, late }
    }

    /// The shortest interval of the Target's pairs that are neither suspended nor refused; `None` when none of them runs by an interval.
    pub(super) fn shortest(&self, target: &TargetKey) -> Option<Duration> {
        self.intervals.of(target)
    }

    /// When each pair started last, in the order of the pairs.
    pub(super) fn started(&self) -> impl Iterator<Item = Started> {
        self.slots.iter().map(|slot| match &slot.last {
            _ if slot.refused => Started::Refused,
            None => Started::Never,
            Some(last) => Started::At(last.started),
        })
    }

    /// From one turn to the next at least.
    pub(super) const fn pause(&self) -> Duration {
        self.pause
    }

    /// When the next pair is due; `None` when all wait for something else.
    pub(super) fn next(&self) -> Option<Timestamp> {
        let Reverse((at, _)) = self.queue.peek()?;
        Timestamp::from_millisecond(*at).ok()
    }
}

fn slot<'s, 'i>(slots: &'s mut [Slot], pairs: &'i [Pair], index: u32) -> Option<(&'s mut Slot, &'i Pair)> {
    Some((slots.get_mut(index as usize)?, pairs.get(index as usize)?))
}

/// Position of a pair.
fn position(pairs: &[Pair], pair: &PairId) -> Option<u32> {
    let found = pairs.binary_search_by(|other| other.id.cmp(pair)).ok()?;
    u32::try_from(found).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "what is missing fails the test")]
mod tests {
    use std::collections::{BTreeSet, HashMap, HashSet};
    use std::fmt::Write as _;

    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;

    use super::{Agenda, Due};
    use crate::api::{Assessment, Coverage, LastEvidence, PairId, ReactionOutcome};
    use crate::desired::{Desired, Pair, build};
    use crate::plan::{Mode, planning, propose};
    use crate::profile::Profile;
    use crate::{facts, source};

    /// Five Targets, one of them suspended, and three Checks with a cadence each.
    fn wanted() -> Desired {
        let mut text = String::new();
        for (name, cadence) in
            [("often", "interval: 10s"), ("seldom", "interval: 90s"), ("cron", "schedule: {cron: \"*/2 * * * *\"}")]
        {
            let spec = format!("{{intent: check_ntp_health, {cadence}, targetSelector: {{matchLabels: {{a: b}}}}}}");
            write!(text, "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\nspec: {spec}\n").unwrap();
        }
        for target in 0..5 {
            let spec = format!("{{type: Host, suspend: {}, connections: [{{name: os, local: {{}}}}]}}", target == 4);
            let meta = format!("{{name: host-{target}, labels: {{a: b}}}}");
            write!(text, "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {meta}\nspec: {spec}\n").unwrap();
        }
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("all.yaml"), text).unwrap();
        let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
        let desired = build(&source::load(&[home.path().to_owned()], None), &profile, &facts::check_path);
        assert_eq!(desired.pairs.len(), 15, "{:?}", desired.problems);
        desired
    }

    fn ran(pair: &Pair, started: Timestamp) -> LastEvidence {
        LastEvidence {
            started,
            plan_digest: propose(pair).digest(),
            spec_digest: pair.spec_digest,
            assessment: Assessment::Healthy,
            coverage: Coverage::Complete,
            reaction: ReactionOutcome::NoOp,
            failures: 0,
            seq: 1,
        }
    }

    fn names(pairs: &[Pair], due: &Due) -> BTreeSet<String> {
        due.targets.iter().flat_map(|target| &target.pairs).map(|index| pairs[*index as usize].id.to_string()).collect()
    }

    /// What happens next: seconds that pass, whether the wall clock jumps by hours as well, and which of the due pairs end.
    fn turns() -> impl Strategy<Value = Vec<(i64, Option<i64>, u16)>> {
        proptest::collection::vec((0_i64..200, proptest::option::weighted(0.1, -30_i64..30), any::<u16>()), 1..30)
    }

    proptest! {
        /// Whatever runs, fails to end, or happens to the clock: what the agenda brings is what a look over all pairs finds due.
        #[test]
        fn a_turn_brings_exactly_what_a_look_over_all_pairs_finds(turns in turns()) {
            let desired = wanted();
            let pairs = &desired.pairs;
            let mut now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
            let mut last: HashMap<PairId, LastEvidence> = HashMap::new();
            let mut agenda = Agenda::new(pairs, HashMap::new(), now);
            for (seconds, step, ends) in turns {
                now += SignedDuration::from_secs(seconds);
                if let Some(hours) = step {
                    now += SignedDuration::from_hours(hours);
                    agenda.weigh_all(pairs, now);
                }
                let planned = planning(&desired, &last, now, Mode::Watch);
                let wanted: BTreeSet<String> = planned.due().map(|entry| entry.pair.id.to_string()).collect();
                let due = agenda.due(pairs, &HashSet::new(), |_| None, now);
                prop_assert_eq!(names(pairs, &due), wanted);
                prop_assert!(agenda.next().is_none_or(|next| next > now), "nothing that is due is left behind");
                for index in due.targets.iter().flat_map(|target| target.pairs.clone()) {
                    let pair = &pairs[index as usize];
                    // The others come to nothing: the store failed, or somebody else has them.
                    if ends & (1 << (index % 16)) != 0 {
                        last.insert(pair.id.clone(), ran(pair, now));
                        agenda.learn(pairs, &pair.id, Some(ran(pair, now)));
                    }
                    agenda.weigh_these(pairs, &[index], now);
                }
                prop_assert!(agenda.queue.len() <= 4 * pairs.len(), "entries that are out of date go away");
            }
        }
    }

    #[test]
    fn what_comes_due_while_its_target_is_looked_at_comes_right_after() {
        let desired = wanted();
        let pairs = &desired.pairs;
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let mut agenda = Agenda::new(pairs, HashMap::new(), now);
        let key = (pairs[0].id.namespace.clone(), pairs[0].id.target.clone());
        let due = agenda.due(pairs, &HashSet::from([key.clone()]), |_| None, now);
        assert_eq!(names(pairs, &due).len(), 9, "three Targets with three Checks each");
        assert_eq!(agenda.next(), None, "nobody is woken for what waits");
        agenda.free(pairs, &key, now);
        let due = agenda.due(pairs, &HashSet::new(), |_| None, now);
        assert_eq!(names(pairs, &due), BTreeSet::from(["cron", "often", "seldom"].map(|name| format!("default/{name}.host-0"))));
    }

    #[test]
    fn an_interval_at_which_nothing_may_run_is_not_the_shortest() {
        let desired = wanted();
        let pairs = &desired.pairs;
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let mut agenda = Agenda::new(pairs, HashMap::new(), now);
        let often = PairId::parse("default/often.host-0").unwrap();
        let key = (often.namespace.clone(), often.target.clone());
        let seconds = |agenda: &Agenda| agenda.shortest(&key).map(|it| it.as_secs());
        assert_eq!(seconds(&agenda), Some(10));
        (0..2).for_each(|_| agenda.refuse(pairs, &often));
        assert_eq!(seconds(&agenda), Some(90));
        agenda.refuse(pairs, &PairId::parse("default/seldom.host-0").unwrap());
        assert_eq!(seconds(&agenda), None, "a schedule");
        agenda.renew(pairs, pairs, now);
        assert_eq!(seconds(&agenda), Some(10), "policy is asked again");
    }

    #[test]
    fn new_manifests_keep_what_is_known_and_ask_policy_again() {
        let desired = wanted();
        let pairs = &desired.pairs;
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let last = pairs.iter().map(|pair| (pair.id.clone(), ran(pair, now))).collect();
        let mut agenda = Agenda::new(pairs, last, now);
        assert!(agenda.due(pairs, &HashSet::new(), |_| None, now).targets.is_empty(), "all has just run");
        // Every second pair goes, and comes back.
        let half: Vec<Pair> = pairs.iter().step_by(2).cloned().collect();
        agenda.renew(pairs, &half, now);
        assert!(agenda.due(&half, &HashSet::new(), |_| None, now).targets.is_empty());
        agenda.renew(&half, pairs, now);
        let back: Vec<u32> =
            agenda.due(pairs, &HashSet::new(), |_| None, now).targets.into_iter().flat_map(|target| target.pairs).collect();
        assert!(!back.is_empty() && back.iter().all(|index| index % 2 == 1), "of these nothing is known: {back:?}");

        let refused = &pairs[back[0] as usize].id;
        agenda.refuse(pairs, refused);
        agenda.weigh_all(pairs, now);
        assert!(!names(pairs, &agenda.due(pairs, &HashSet::new(), |_| None, now)).contains(&refused.to_string()));
        agenda.renew(pairs, pairs, now);
        assert!(names(pairs, &agenda.due(pairs, &HashSet::new(), |_| None, now)).contains(&refused.to_string()));
    }
}
