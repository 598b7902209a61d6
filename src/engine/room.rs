//! The room that rounds take: places to read, and memory for their plans and runs.
//!
//! What hangs must leave some to the others. Of all room the rounds of one connector take three quarters at most, and of that those of
//! Targets that gave no answer when they were last asked three quarters again: so a quarter is left to hosts that answer, too.

use std::collections::BTreeMap;

use super::lanes::Lanes;
use super::limits::{Limits, three_quarters};
use super::line::Wish;

/// Targets whose runs are being committed, beside those that are read: one group of commits.
const COMMITTING: usize = 256;
/// Pairs whose plans and runs are in memory at once: after a start all are due, each with a hundred others of its Target.
const PAIRS: usize = 4096;
/// Of those, pairs of rounds that need one connector.
const PAIRS_OF_LANE: usize = three_quarters(PAIRS);
/// Of those, pairs of silent Targets.
const PAIRS_OF_SILENT: usize = three_quarters(PAIRS_OF_LANE);

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

/// What a round of so many pairs counts for: however large it is, it must fit in.
pub(super) fn size(pairs: usize) -> usize {
    pairs.min(PAIRS_OF_SILENT)
}

impl Room {
    /// Whether nobody can begin to read.
    pub(super) fn is_full(&self, limits: Limits) -> bool {
        self.reading >= limits.targets.max(1)
    }

    /// Whether `wish`, with so many pairs, may begin.
    pub(super) fn holds(&self, wish: &Wish, pairs: usize, limits: Limits) -> bool {
        let has_lane = |lane: &String| {
            let taken = self.lanes.get(lane).copied().unwrap_or_default();
            taken.rounds < rounds_of(lane, limits) && (pairs == 0 || taken.pairs + pairs <= pairs_of(lane))
        };
        !self.is_full(limits)
            && (!wish.enters || self.under_way < limits.targets.max(1).saturating_add(COMMITTING))
            && self.has_memory(pairs)
            && wish.lanes.iter().all(has_lane)
    }

    const fn has_memory(&self, pairs: usize) -> bool {
        // A further round of a Target that is under way has its room already.
        pairs == 0 || self.pairs + pairs <= PAIRS
    }

    pub(super) fn take(&mut self, wish: &Wish, pairs: usize) {
        self.reading += 1;
        self.under_way += usize::from(wish.enters);
        self.pairs += pairs;
        self.take_lanes(&wish.lanes, pairs);
    }

    /// Keeps a place for who has to wait from those behind: else a round that needs two connectors would wait for ever while others
    /// take the one that becomes free, and a large round while small ones do.
    pub(super) fn keep(&mut self, wish: &Wish, pairs: usize) {
        if !self.has_memory(pairs) {
            self.pairs = PAIRS;
        }
        self.take_lanes(&wish.lanes, pairs);
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

fn pairs_of(lane: &str) -> usize {
    if Lanes::is_silent(lane) { PAIRS_OF_SILENT } else { PAIRS_OF_LANE }
}
