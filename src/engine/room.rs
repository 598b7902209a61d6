//! The room that rounds take: places to read, and memory for their plans and runs.
//!
//! What hangs must leave some to the others. Of all room the rounds of one connector take three quarters at most, and of that those of
//! Targets that gave no answer when they were last asked three quarters again: so a quarter is left to hosts that answer, too. What somebody
//! asks for has a quarter more memory: it does not wait for what is only due.

use std::collections::BTreeMap;

use super::lanes::Lanes;
use super::limits::{Limits, three_quarters};
use super::line::Wish;

/// Targets whose runs are being committed, beside those that are read: one group of commits.
const COMMITTING: usize = 256;
/// Pairs that are only due whose plans and runs are in memory at once: after a start all are due, each with a hundred others of its Target.
const PAIRS: Pairs = Pairs::of(4096);
/// The same with those of Targets that somebody asks for.
const PAIRS_ASKED: Pairs = Pairs::of(PAIRS.all + PAIRS.all / 4);

/// How many pairs may be in memory.
#[derive(Debug, Clone, Copy)]
struct Pairs {
    all: usize,
    /// Of those, pairs of rounds that need one connector.
    of_lane: usize,
    /// Of those, pairs of silent Targets.
    of_silent: usize,
}

impl Pairs {
    const fn of(all: usize) -> Self {
        let of_lane = three_quarters(all);
        Self { all, of_lane, of_silent: three_quarters(of_lane) }
    }

    const fn that_may(urgent: bool) -> Self {
        if urgent { PAIRS_ASKED } else { PAIRS }
    }

    fn in_lane(self, lane: &str) -> usize {
        if Lanes::is_silent(lane) { self.of_silent } else { self.of_lane }
    }
}

/// The room that is taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Room {
    under_way: usize,
    reading: usize,
    pairs: usize,
    lanes: BTreeMap<String, Taken>,
}

/// What is taken of one lane.
#[derive(Debug, Clone, Copy, Default)]
struct Taken {
    /// Rounds that are read.
    rounds: usize,
    /// Pairs of Targets that are under way.
    pairs: usize,
}

/// What a round of so many pairs counts for: however large it is, it must fit in; one that somebody asks for even beside all that is only due.
pub(super) fn size(pairs: usize, urgent: bool) -> usize {
    pairs.min(if urgent { PAIRS_ASKED.of_silent - PAIRS.of_silent } else { PAIRS.of_silent })
}

impl Room {
    /// Whether nobody can begin to read.
    pub(super) fn is_full(&self, limits: Limits) -> bool {
        self.reading >= limits.targets.max(1)
    }

    /// Whether `wish`, with so many pairs, may begin.
    pub(super) fn holds(&self, wish: &Wish, pairs: usize, limits: Limits) -> bool {
        !self.is_full(limits) && self.admits(wish, pairs, limits) && wish.lanes.iter().all(|lane| self.has_turn(lane, limits))
    }

    /// Whether `wish`, with so many pairs, waits for nothing but that others are read. That ends by itself; what else it may wait for becomes
    /// free when Targets leave, and those may have further rounds before.
    pub(super) fn only_waits_to_read(&self, wish: &Wish, pairs: usize, limits: Limits) -> bool {
        self.admits(wish, pairs, limits) && !self.holds(wish, pairs, limits)
    }

    /// Whether the Target of `wish` may be under way, with so many pairs in memory.
    fn admits(&self, wish: &Wish, pairs: usize, limits: Limits) -> bool {
        (!wish.enters || self.under_way < limits.targets.max(1).saturating_add(COMMITTING))
            && self.has_memory(wish, pairs)
            && wish.lanes.iter().all(|lane| self.has_lane_memory(wish, pairs, lane))
    }

    const fn has_memory(&self, wish: &Wish, pairs: usize) -> bool {
        // A further round of a Target that is under way has its room already.
        pairs == 0 || self.pairs + pairs <= Pairs::that_may(wish.urgent).all
    }

    fn has_lane(&self, wish: &Wish, pairs: usize, lane: &str, limits: Limits) -> bool {
        self.has_turn(lane, limits) && self.has_lane_memory(wish, pairs, lane)
    }

    fn has_turn(&self, lane: &str, limits: Limits) -> bool {
        self.lane(lane).rounds < rounds_of(lane, limits)
    }

    fn has_lane_memory(&self, wish: &Wish, pairs: usize, lane: &str) -> bool {
        pairs == 0 || self.lane(lane).pairs + pairs <= Pairs::that_may(wish.urgent).in_lane(lane)
    }

    fn lane(&self, lane: &str) -> Taken {
        self.lanes.get(lane).copied().unwrap_or_default()
    }

    pub(super) fn take(&mut self, wish: &Wish, pairs: usize) {
        self.reading += 1;
        self.under_way += usize::from(wish.enters);
        self.pairs += pairs;
        self.take_lanes(&wish.lanes, pairs);
    }

    /// Keeps a place for who has to wait from those behind: else a round that needs two connectors would wait for ever while others
    /// take the one that becomes free, and a large round while small ones do. Nothing is kept of what it would not wait for if the rest
    /// were there: silent Targets that are in each other's way leave their connectors to those that answer, and a connector that has no
    /// room leaves the memory to the others.
    pub(super) fn keep(&mut self, wish: &Wish, pairs: usize, limits: Limits) {
        let (silent, answering): (Vec<&String>, Vec<&String>) = wish.lanes.iter().partition(|lane| Lanes::is_silent(lane));
        for lanes in [silent, answering] {
            let held = lanes.iter().all(|lane| self.has_lane(wish, pairs, lane, limits));
            for lane in lanes {
                let full = !self.has_lane(wish, pairs, lane, limits) && pairs > 0;
                let taken = self.lanes.entry(lane.clone()).or_default();
                taken.rounds += 1;
                // Not even for what may take more.
                taken.pairs = if full { PAIRS_ASKED.all } else { taken.pairs + pairs };
            }
            if !held {
                return;
            }
        }
        if !self.has_memory(wish, pairs) {
            self.pairs = PAIRS_ASKED.all;
        }
    }

    fn take_lanes(&mut self, lanes: &Lanes, pairs: usize) {
        for lane in lanes.iter() {
            let taken = self.lanes.entry(lane.clone()).or_default();
            taken.rounds += 1;
            taken.pairs += pairs;
        }
    }

    /// A round has been read.
    pub(super) fn has_read(&mut self, lanes: &Lanes) {
        self.reading = self.reading.saturating_sub(1);
        self.give_lanes(lanes, |taken| taken.rounds = taken.rounds.saturating_sub(1));
    }

    /// A Target is not under way any more.
    pub(super) fn has_left(&mut self, lanes: &Lanes, pairs: usize) {
        self.under_way = self.under_way.saturating_sub(1);
        self.pairs = self.pairs.saturating_sub(pairs);
        self.give_lanes(lanes, |taken| taken.pairs = taken.pairs.saturating_sub(pairs));
    }

    fn give_lanes(&mut self, lanes: &Lanes, give: impl Fn(&mut Taken)) {
        for lane in lanes.iter() {
            if let Some(taken) = self.lanes.get_mut(lane) {
                give(taken);
            }
        }
    }
}

fn rounds_of(lane: &str, limits: Limits) -> usize {
    let all = limits.per_connector.min(limits.targets).max(1);
    if Lanes::is_silent(lane) { three_quarters(all) } else { all }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "what is missing fails the test")]
mod tests {
    use proptest::prelude::*;

    use super::{Lanes, Limits, Wish};
    use crate::engine::line::{Begun, Line};

    fn lanes(names: &[&str]) -> Lanes {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn wish(names: &[&str]) -> Wish {
        Wish { urgent: false, enters: true, lanes: lanes(names) }
    }

    fn silent(names: &[&str]) -> Wish {
        Wish { lanes: lanes(names).silent(), ..wish(names) }
    }

    fn line(targets: usize, per_connector: usize) -> Line<String> {
        Line::new(Limits { targets, per_connector, per_target: 1 })
    }

    /// Everybody who may begin now, in order.
    fn begin(line: &mut Line<String>) -> Vec<String> {
        std::iter::from_fn(|| line.next(|_| true)).map(|begun| begun.who).collect()
    }

    #[test]
    fn a_large_round_that_waits_for_its_connector_leaves_memory_to_the_others() {
        let mut line = line(256, 192);
        for number in 0..21 {
            line.join(wish(&["ssh"]), 140, format!("hanging-{number}"));
        }
        line.join(wish(&["http"]), 60, "first".to_owned());
        assert_eq!(begin(&mut line).len(), 22);
        line.join(wish(&["ssh"]), 1_100, "large".to_owned());
        line.join(wish(&["http"]), 1, "second".to_owned());
        line.join(wish(&["ssh"]), 1, "behind".to_owned());
        assert_eq!(begin(&mut line), ["second"], "and its connector is kept for it");
        for _ in 0..9 {
            line.has_read(&lanes(&["ssh"]));
            line.has_left(&lanes(&["ssh"]), 140);
        }
        assert_eq!(begin(&mut line), ["large", "behind"]);
    }

    #[test]
    fn silent_targets_that_wait_for_each_other_leave_their_connectors_to_those_that_answer() {
        let mut line = line(8, 6);
        for number in 0..8 {
            line.join(silent(&["ssh"]), 1, format!("dead-{number}"));
            line.join(silent(&["http", "ssh"]), 1, format!("dead-too-{number}"));
        }
        assert_eq!(begin(&mut line).len(), 4);
        line.join(wish(&["ssh"]), 1, "alive".to_owned());
        line.join(wish(&["ssh"]), 1, "alive-too".to_owned());
        assert_eq!(begin(&mut line), ["alive", "alive-too"]);
    }

    #[test]
    fn silent_targets_that_wait_for_memory_leave_that_of_their_connector_to_those_that_answer() {
        let mut line = line(256, 192);
        for number in 0..23 {
            line.join(silent(&["ssh"]), 100, format!("dead-{number}"));
        }
        line.join(silent(&["ssh"]), 1_000, "large".to_owned());
        assert_eq!(begin(&mut line).len(), 23);
        line.join(wish(&["ssh"]), 700, "alive".to_owned());
        assert_eq!(begin(&mut line), ["alive"]);
    }

    #[test]
    fn of_few_places_some_are_left_to_other_connectors_however_many_one_may_take() {
        let mut line = line(4, 192);
        for number in 0..8 {
            line.join(silent(&["ssh"]), 1, format!("dead-{number}"));
        }
        assert_eq!(begin(&mut line).len(), 3);
        line.join(wish(&["http"]), 1, "alive".to_owned());
        assert_eq!(begin(&mut line), ["alive"]);
    }

    #[test]
    fn what_is_asked_for_does_not_wait_for_the_memory_of_what_is_only_due() {
        let mut line = line(256, 192);
        for number in 0..50 {
            line.join(silent(&["ssh"]), 100, format!("silent-{number}"));
            line.join(wish(&["ssh"]), 100, format!("hanging-{number}"));
            line.join(wish(&["http"]), 100, format!("other-{number}"));
        }
        assert_eq!(begin(&mut line).len(), 40);
        line.hurry(|who| who == "silent-49" || who == "hanging-49");
        line.join(Wish { urgent: true, ..silent(&["ssh"]) }, 10_000, "asked".to_owned());
        let mut asked = begin(&mut line);
        asked.sort_unstable();
        assert_eq!(asked, ["asked", "hanging-49", "silent-49"], "however large it is");
        line.join(Wish { urgent: true, ..silent(&["ssh"]) }, 10_000, "asked-too".to_owned());
        assert!(begin(&mut line).is_empty(), "that of others that somebody asks for it does wait for");
        (0..3).for_each(|_| line.has_left(&lanes(&["ssh"]).silent(), 100));
        assert_eq!(begin(&mut line), ["asked-too"]);
    }

    #[test]
    fn what_is_asked_for_again_and_again_leaves_memory_to_what_is_due() {
        let mut line = line(256, 192);
        let urgent = Wish { urgent: true, ..wish(&["a"]) };
        for number in 0..10 {
            line.join(urgent.clone(), 500, format!("urgent-{number}"));
        }
        assert_eq!(begin(&mut line).len(), 7);
        line.join(wish(&["a"]), 100, "routine".to_owned());
        for number in 10..60 {
            line.join(urgent.clone(), 500, format!("urgent-{number}"));
            line.has_read(&lanes(&["a"]));
            line.has_left(&lanes(&["a"]), 500);
            if begin(&mut line).contains(&"routine".to_owned()) {
                return;
            }
        }
        panic!("it never came to it");
    }

    /// What a Target comes with: whether somebody asks for it, its lanes, its pairs, and the lanes of its further rounds.
    type Comes = (bool, Lanes, usize, Vec<Lanes>);

    fn any_lanes() -> impl Strategy<Value = Lanes> {
        (proptest::sample::subsequence(vec!["http", "ssh"], 1..=2), proptest::bool::weighted(0.3))
            .prop_map(|(names, dead)| if dead { lanes(&names).silent() } else { lanes(&names) })
    }

    fn comes() -> impl Strategy<Value = Comes> {
        let pairs = prop_oneof![Just(0_usize), Just(1), Just(700), Just(1_500), Just(9_000)];
        (proptest::bool::weighted(0.2), any_lanes(), pairs, proptest::collection::vec(any_lanes(), 0..3))
    }

    proptest! {
        /// However narrow the limits and whatever Targets come back for: as long as anybody waits somebody is read, and nobody is forgotten.
        #[test]
        fn everybody_gets_to_their_end(
            (targets, per_connector) in (1_usize..4, 1_usize..4),
            come in prop_oneof![15 => proptest::collection::vec(comes(), 1..30), 1 => proptest::collection::vec(comes(), 260..300)],
            ends in proptest::collection::vec(any::<prop::sample::Index>(), 1..50),
        ) {
            let mut line = Line::new(Limits { targets, per_connector, per_target: 1 });
            let mut left = come.len();
            // What a Target took when it came in, and the rounds that it still has before it.
            let (mut inside, mut further) = (vec![0; come.len()], Vec::new());
            for (who, (urgent, lanes, pairs, rounds)) in come.iter().cloned().enumerate() {
                line.join(Wish { urgent, enters: true, lanes }, pairs, who);
                further.push(rounds);
            }
            let (mut reading, mut ends) = (Vec::new(), ends.iter().cycle());
            while left > 0 {
                while let Some(Begun { wish, size, who }) = line.next(|_| true) {
                    if let Some(inside) = inside.get_mut(who).filter(|_| wish.enters) {
                        *inside = size;
                    }
                    reading.push((who, wish.lanes));
                }
                prop_assert!(!reading.is_empty(), "{left} are left, and nobody is read");
                let index = ends.next().map_or(0, |end| end.index(reading.len()));
                let (who, read) = reading.swap_remove(index);
                line.has_read(&read);
                if let Some(lanes) = further.get_mut(who).and_then(Vec::pop) {
                    line.join(Wish { urgent: true, enters: false, lanes }, 0, who);
                } else if let (Some((_, lanes, ..)), Some(size)) = (come.get(who), inside.get(who)) {
                    line.has_left(lanes, *size);
                    left -= 1;
                }
            }
        }
    }
}
