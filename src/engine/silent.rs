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
/// at most five minutes and never more than the shortest interval of the pairs that were asked: within one interval after the Target
/// is back somebody asks it. Slots that come meanwhile wait, and are served by that round together.
#[derive(Debug, Default)]
pub(super) struct Silent(HashMap<TargetKey, Silence>);

#[derive(Debug, Clone, Copy)]
struct Silence {
    rounds: u32,
    shortest: Duration,
    until: Instant,
}

impl Silent {
    /// Takes the end of a round.
    pub(super) fn learn(&mut self, key: &TargetKey, looked: &Looked) {
        let Some(began) = looked.began.filter(|_| looked.tally.ran > 0) else { return };
        if !looked.states.iter().all(|state| state.is_lost()) {
            self.0.remove(key);
            return;
        }
        let before = self.0.get(key).copied();
        let rounds = before.map_or(0, |before| before.rounds.saturating_add(1));
        let shortest = looked.shortest.unwrap_or(PAUSE_MAX).min(before.map_or(PAUSE_MAX, |before| before.shortest));
        let pause = PAUSE.saturating_mul(2_u32.saturating_pow(rounds)).min(shortest);
        self.0.insert(key.clone(), Silence { rounds, shortest, until: began + pause });
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
