//! Targets that give no answer: they are asked less often than their pairs come due, and never so seldom that a recovery stays
//! hidden for longer than one interval.

use std::collections::HashMap;

use tokio::time::{Duration, Instant};

use super::look::Looked;
use super::work::TargetKey;

/// From the first silent round of a Target to the next; doubled with every further one.
const PAUSE: Duration = Duration::from_secs(5);
/// Longest pause, whatever the intervals are.
const PAUSE_MAX: Duration = Duration::from_mins(5);

/// Targets that gave no answer when they were last asked.
///
/// A round is silent when every run of it was lost by transport. From its start to the next round of the Target pass 5 s, 10 s, 20 s …,
/// at most five minutes and never more than half the shortest interval of its pairs, asked or not. Slots that come meanwhile wait, and
/// are served by that round together. Half an interval late a run still serves its own slot and moves no other, so the pair with the
/// shortest interval asks at least once in each: within one interval after the Target is back it is seen.
#[derive(Debug, Default)]
pub(super) struct Silent(HashMap<TargetKey, Silence>);

#[derive(Debug, Clone, Copy)]
struct Silence {
    rounds: u32,
    until: Instant,
}

impl Silent {
    /// Takes the end of a round of a Target whose pairs have this shortest interval.
    pub(super) fn learn(&mut self, key: &TargetKey, looked: &Looked, shortest: Option<Duration>) {
        let Some(began) = looked.began.filter(|_| looked.tally.ran > 0) else { return };
        if !looked.states.iter().all(|state| state.is_lost()) {
            self.0.remove(key);
            return;
        }
        let rounds = self.0.get(key).map_or(0, |before| before.rounds.saturating_add(1));
        let longest = shortest.map_or(PAUSE_MAX, |shortest| PAUSE_MAX.min(shortest / 2));
        let pause = PAUSE.saturating_mul(2_u32.saturating_pow(rounds)).min(longest);
        self.0.insert(key.clone(), Silence { rounds, until: began + pause });
    }

    /// Whether it gave no answer when it was last asked.
    pub(super) fn contains(&self, key: &TargetKey) -> bool {
        self.0.contains_key(key)
    }

    /// How long what is only due on it waits from `now` on.
    pub(super) fn rest(&self, key: &TargetKey, now: Instant) -> Option<Duration> {
        self.0.get(key).map(|silence| silence.until.saturating_duration_since(now)).filter(|rest| !rest.is_zero())
    }

    /// Forgets Targets that are not `wanted` any more.
    pub(super) fn retain(&mut self, wanted: impl Fn(&TargetKey) -> bool) {
        self.0.retain(|key, _| wanted(key));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what is missing fails the test")]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::{Duration, Instant, Looked, PAUSE_MAX, Silent, TargetKey};
    use crate::api::{
        Assessment, Coverage, Digest, LastEvidence, Namespace, PairId, ReactionOutcome, StatusFinding, SubdomainName,
    };
    use crate::engine::Tally;
    use crate::status::PairState;

    fn key() -> TargetKey {
        (Namespace::default(), SubdomainName::parse("web").unwrap())
    }

    /// A round of one pair that began at `began`.
    fn round(began: Instant, lost: bool) -> Looked {
        let mut state = PairState::new(PairId::parse("default/ntp.web").unwrap());
        let digest = Digest::of(b"");
        state.last = Some(LastEvidence {
            started: jiff::Timestamp::UNIX_EPOCH,
            plan_digest: digest,
            spec_digest: digest,
            assessment: if lost { Assessment::Unknown } else { Assessment::Healthy },
            coverage: if lost { Coverage::Blocked } else { Coverage::Complete },
            reaction: ReactionOutcome::NoOp,
            failures: u32::from(lost),
            seq: 1,
        });
        if lost {
            let [kind, component, reason_code] = ["reading", "ntp", "Unreachable"].map(str::to_owned);
            state.findings = vec![StatusFinding { kind, component, reason_code, message: String::new(), next_step: None }];
        }
        let tally = Tally { ran: 1, ..Tally::default() };
        Looked { tally, began: Some(began), states: vec![Box::new(state)], ..Looked::default() }
    }

    #[test]
    fn pauses_double_up_to_half_the_shortest_interval() {
        let (mut silent, start, interval) = (Silent::default(), Instant::now(), Duration::from_mins(1));
        let mut pauses = Vec::new();
        for _ in 0..5 {
            silent.learn(&key(), &round(start, true), Some(interval));
            pauses.push(silent.rest(&key(), start).unwrap().as_secs());
        }
        assert_eq!(pauses, [5, 10, 20, 30, 30]);
        silent.learn(&key(), &round(start, false), Some(interval));
        assert!(silent.rest(&key(), start).is_none() && !silent.contains(&key()), "it has answered");
        for _ in 0..40 {
            silent.learn(&key(), &round(start, true), Some(Duration::from_hours(24)));
        }
        assert_eq!(silent.rest(&key(), start), Some(PAUSE_MAX));
    }

    /// A pair: its interval, and the next slot that nobody has served.
    struct Pair {
        interval: u64,
        slot: u64,
    }

    proptest! {
        /// Milliseconds from here on. A Target with a few pairs is silent from the start and comes back some time later.
        #[test]
        fn a_target_that_is_back_is_seen_within_one_interval_and_no_slot_is_lost(
            intervals in proptest::collection::vec((10_000_u64..600_000, 0_u64..600_000), 1..6),
            back in 0_u64..7_200_000,
            takes in 1_u64..5_000,
        ) {
            let shortest = intervals.iter().map(|(interval, _)| *interval).min().unwrap();
            let mut pairs: Vec<Pair> =
                intervals.iter().map(|(interval, phase)| Pair { interval: *interval, slot: phase % interval }).collect();
            let (mut silent, start, mut now) = (Silent::default(), Instant::now(), 0);
            let at = |millis: u64| start + Duration::from_millis(millis);
            let hidden = loop {
                let due = pairs.iter().map(|pair| pair.slot).min().unwrap();
                now = due.max(now);
                if let Some(rest) = silent.rest(&key(), at(now)) {
                    now += u64::try_from(rest.as_millis()).unwrap().max(1);
                }
                for pair in pairs.iter_mut().filter(|pair| pair.slot <= now) {
                    prop_assert!(now - pair.slot <= (pair.interval / 2).max(takes) + 1, "{} ms late", now - pair.slot);
                    // The first slot at least half an interval later.
                    while pair.slot < now + pair.interval / 2 {
                        pair.slot += pair.interval;
                    }
                }
                if now >= back {
                    break now - back;
                }
                silent.learn(&key(), &round(at(now), true), Some(Duration::from_millis(shortest)));
                now += takes;
            };
            prop_assert!(hidden <= shortest, "hidden for {hidden} ms of {shortest}");
        }
    }
}
