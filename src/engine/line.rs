//! Who is read next: whoever waits longest and finds room; what is urgent goes first, but not for ever.

use std::collections::{BTreeMap, VecDeque};

use super::lanes::Lanes;
use super::limits::Limits;
use super::room::{Room, size};

/// Urgent rounds that go before one that waits its turn.
const URGENT_IN_A_ROW: u32 = 16;

/// What a round asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wish {
    /// Whether it goes before what is only due.
    pub(super) urgent: bool,
    /// Whether its Target is not under way yet.
    pub(super) enters: bool,
    pub(super) lanes: Lanes,
}

/// The line, and the room that is taken. `W` is who waits.
#[derive(Debug)]
pub(super) struct Line<W> {
    limits: Limits,
    taken: Room,
    /// Who asks for the same waits in one queue.
    waiting: BTreeMap<Wish, VecDeque<Waiting<W>>>,
    number: u64,
    urgent_in_a_row: u32,
}

#[derive(Debug)]
struct Waiting<W> {
    /// Drawn on arrival.
    number: u64,
    /// How many need memory that the Target has not taken yet.
    pairs: usize,
    who: W,
}

/// Who begins.
#[derive(Debug)]
pub(super) struct Begun<W> {
    pub(super) wish: Wish,
    /// What its pairs count for, for [`Line::has_left`].
    pub(super) size: usize,
    pub(super) who: W,
}

impl<W> Line<W> {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, taken: Room::default(), waiting: BTreeMap::new(), number: 0, urgent_in_a_row: 0 }
    }

    pub(super) const fn limits(&self) -> Limits {
        self.limits
    }

    /// From now on; what has room keeps it.
    pub(super) const fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// `pairs`: how many need memory that the Target has not taken yet.
    pub(super) fn join(&mut self, wish: Wish, pairs: usize, who: W) {
        let waiting = Waiting { number: self.number, pairs, who };
        self.waiting.entry(wish).or_default().push_back(waiting);
        self.number += 1;
    }

    /// Makes urgent whoever waits and `is` asked for; among what is urgent they keep the order in which they came.
    pub(super) fn hurry(&mut self, is: impl Fn(&W) -> bool) {
        let routine: Vec<Wish> = self.waiting.keys().filter(|wish| !wish.urgent).cloned().collect();
        for wish in routine {
            let Some(queue) = self.waiting.remove(&wish) else { continue };
            let (asked, rest): (VecDeque<_>, VecDeque<_>) = queue.into_iter().partition(|waiting| is(&waiting.who));
            if !asked.is_empty() {
                let urgent = self.waiting.entry(Wish { urgent: true, ..wish.clone() }).or_default();
                urgent.extend(asked);
                urgent.make_contiguous().sort_by_key(|waiting| waiting.number);
            }
            if !rest.is_empty() {
                self.waiting.insert(wish, rest);
            }
        }
    }

    /// The next that may begin, with its room taken; `None` while nobody may. Who is not `there` any more is passed over.
    pub(super) fn next(&mut self, there: impl Fn(&W) -> bool) -> Option<Begun<W>> {
        // Before all else: while nobody may begin, many may come and go.
        self.waiting.retain(|_, queue| {
            while queue.front().is_some_and(|first| !there(&first.who)) {
                queue.pop_front();
            }
            !queue.is_empty()
        });
        if self.waiting.is_empty() || self.taken.is_full(self.limits) {
            return None;
        }
        let routine_first = self.urgent_in_a_row >= URGENT_IN_A_ROW;
        let head = |(wish, queue): (&Wish, &VecDeque<Waiting<W>>)| {
            let first = queue.front()?;
            Some(((wish.urgent == routine_first, first.number), wish.clone(), size(first.pairs, wish.urgent)))
        };
        let mut heads: Vec<((bool, u64), Wish, usize)> = self.waiting.iter().filter_map(head).collect();
        heads.sort_unstable_by_key(|(order, ..)| *order);
        // Places are kept for who has to wait. A further round of a Target that is under way leaves those alone only that become free without it:
        // who waits for memory, or for a Target to leave, may wait for the Target of that very round.
        let (mut kept, mut kept_from_inside) = (self.taken.clone(), self.taken.clone());
        let (_, wish, size) = heads.into_iter().find(|(_, wish, size)| {
            let room = if wish.enters { &kept } else { &kept_from_inside };
            let begins = room.holds(wish, *size, self.limits);
            if !begins {
                kept.keep(wish, *size, self.limits);
                if kept_from_inside.only_waits_to_read(wish, *size, self.limits) {
                    kept_from_inside.keep(wish, *size, self.limits);
                }
            }
            begins
        })?;
        let queue = self.waiting.get_mut(&wish)?;
        let Waiting { who, .. } = queue.pop_front()?;
        if queue.is_empty() {
            self.waiting.remove(&wish);
        }
        self.urgent_in_a_row = if wish.urgent { self.urgent_in_a_row.saturating_add(1) } else { 0 };
        self.taken.take(&wish, size);
        Some(Begun { wish, size, who })
    }

    /// A round has been read.
    pub(super) fn has_read(&mut self, lanes: &Lanes) {
        self.taken.has_read(lanes);
    }

    /// A Target is not under way any more: one that asked for `lanes`, with what its pairs counted for.
    pub(super) fn has_left(&mut self, lanes: &Lanes, size: usize) {
        self.taken.has_left(lanes, size);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "what is missing fails the test")]
mod tests {
    use std::collections::VecDeque;

    use super::{Lanes, Limits, Line, URGENT_IN_A_ROW, Wish};

    fn lanes(names: &[&str]) -> Lanes {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn wish(names: &[&str]) -> Wish {
        Wish { urgent: false, enters: true, lanes: lanes(names) }
    }

    fn line(targets: usize, per_connector: usize) -> Line<String> {
        Line::new(Limits { targets, per_connector, per_target: 1 })
    }

    /// Everybody who may begin now, in order.
    fn begin(line: &mut Line<String>) -> Vec<String> {
        std::iter::from_fn(|| line.next(|_| true)).map(|begun| begun.who).collect()
    }

    #[test]
    fn a_connector_whose_servers_hang_leaves_room_to_the_others() {
        let mut line = line(8, 6);
        for number in 0..1000 {
            line.join(wish(&["slow"]), 1, format!("slow-{number}"));
        }
        assert_eq!(begin(&mut line).len(), 6);
        for number in 0..100 {
            line.join(wish(&["quick"]), 1, format!("quick-{number}"));
            assert_eq!(begin(&mut line), [format!("quick-{number}")]);
            line.has_read(&lanes(&["quick"]));
            line.has_left(&lanes(&["quick"]), 1);
        }
    }

    #[test]
    fn those_who_ask_for_the_same_begin_in_the_order_in_which_they_came() {
        let mut line = line(2, 2);
        for number in 0..6 {
            line.join(wish(&[["a", "b"][number % 2]]), 1, number.to_string());
        }
        let mut order = begin(&mut line);
        while order.len() < 6 {
            line.has_read(&lanes(&[["a", "b"][(order.len()) % 2]]));
            order.extend(begin(&mut line));
        }
        assert_eq!(order, ["0", "1", "2", "3", "4", "5"]);
    }

    #[test]
    fn a_round_that_needs_two_busy_connectors_gets_its_turn() {
        let mut line = line(100, 2);
        let (mut inside, mut number) = (VecDeque::new(), 0);
        let mut others = |line: &mut Line<String>| {
            for name in ["a", "b"] {
                line.join(wish(&[name]), 1, format!("{name}-{number}"));
                number += 1;
            }
        };
        for _ in 0..4 {
            others(&mut line);
        }
        inside.extend(begin(&mut line));
        line.join(wish(&["a", "b"]), 1, "both".to_owned());
        for _ in 0..20 {
            others(&mut line);
            let done: String = inside.pop_front().unwrap();
            line.has_read(&lanes(&[done.split('-').next().unwrap()]));
            let begun = begin(&mut line);
            if begun.contains(&"both".to_owned()) {
                return;
            }
            inside.extend(begun);
        }
        panic!("others took every place that became free");
    }

    #[test]
    fn what_is_urgent_goes_first_but_not_for_ever() {
        let mut line = line(1, 1);
        line.join(wish(&["a"]), 1, "routine".to_owned());
        for number in 0..100 {
            line.join(Wish { urgent: true, ..wish(&["a"]) }, 1, format!("urgent-{number}"));
        }
        let mut order = Vec::new();
        while order.len() < 20 {
            order.extend(begin(&mut line));
            line.has_read(&lanes(&["a"]));
        }
        let at = order.iter().position(|who| who == "routine").unwrap();
        assert_eq!(at, usize::try_from(URGENT_IN_A_ROW).unwrap());
        assert_eq!(order.first().map(String::as_str), Some("urgent-0"));
    }

    #[test]
    fn who_waits_already_and_is_asked_for_goes_first_from_then_on() {
        let mut line = line(1, 1);
        for number in 0..4 {
            line.join(wish(&["a"]), 1, format!("routine-{number}"));
        }
        line.join(Wish { urgent: true, ..wish(&["a"]) }, 1, "urgent".to_owned());
        line.hurry(|who| who == "routine-2" || who == "routine-3");
        let mut order = Vec::new();
        while order.len() < 5 {
            order.extend(begin(&mut line));
            line.has_read(&lanes(&["a"]));
        }
        assert_eq!(order, ["routine-2", "routine-3", "urgent", "routine-0", "routine-1"]);
    }

    #[test]
    fn silent_targets_leave_room_to_others_of_their_connector() {
        let mut line = line(256, 192);
        let silent = Wish { lanes: lanes(&["ssh"]).silent(), ..wish(&["ssh"]) };
        for number in 0..1000 {
            line.join(silent.clone(), 1, format!("dead-{number}"));
        }
        assert_eq!(begin(&mut line).len(), 144);
        line.join(wish(&["ssh"]), 1, "alive".to_owned());
        assert_eq!(begin(&mut line), ["alive"]);
    }

    #[test]
    fn many_pairs_of_dead_targets_leave_memory_to_the_others() {
        let mut line = line(256, 192);
        let silent = Wish { lanes: lanes(&["ssh"]).silent(), ..wish(&["ssh"]) };
        for number in 0..100 {
            line.join(silent.clone(), 100, format!("silent-{number}"));
            line.join(wish(&["ssh"]), 100, format!("hanging-{number}"));
        }
        let (dead, unknown): (Vec<String>, Vec<String>) = begin(&mut line).into_iter().partition(|who| who.starts_with("silent"));
        assert!(dead.len() <= 23 && dead.len() + unknown.len() == 30, "{dead:?} {unknown:?}");
        line.join(wish(&["http"]), 100, "alive".to_owned());
        assert_eq!(begin(&mut line), ["alive"]);
    }

    #[test]
    fn a_round_that_is_larger_than_all_memory_gets_its_turn_before_those_behind_it() {
        let mut line = line(256, 192);
        line.join(wish(&["a"]), 3000, "first".to_owned());
        assert_eq!(begin(&mut line), ["first"]);
        line.join(wish(&["b"]), 100_000, "large".to_owned());
        for number in 0..100 {
            line.join(wish(&["c"]), 50, format!("small-{number}"));
        }
        assert!(begin(&mut line).is_empty(), "else there would never be enough");
        line.has_read(&lanes(&["a"]));
        line.has_left(&lanes(&["a"]), super::size(3000, false));
        assert_eq!(begin(&mut line).first().map(String::as_str), Some("large"));
    }

    #[test]
    fn a_further_round_of_who_is_under_way_needs_no_memory() {
        let mut line = line(256, 192);
        for name in ["a", "b"] {
            line.join(wish(&[name]), 2304, name.to_owned());
        }
        assert_eq!(begin(&mut line), ["a"], "there is not enough for both");
        line.has_read(&lanes(&["a"]));
        line.join(Wish { urgent: true, enters: false, lanes: lanes(&["a"]) }, 0, "rerun".to_owned());
        assert_eq!(begin(&mut line), ["rerun"]);
    }

    #[test]
    fn who_waits_for_those_under_way_to_leave_keeps_no_place_from_their_further_rounds() {
        let mut line = line(2, 1);
        for number in 0..258 {
            line.join(wish(&["a"]), 0, number.to_string());
            assert_eq!(begin(&mut line), [number.to_string()]);
            line.has_read(&lanes(&["a"]));
        }
        line.join(Wish { urgent: true, ..wish(&["a"]) }, 0, "enters".to_owned());
        assert!(begin(&mut line).is_empty(), "no more may be under way");
        line.join(Wish { urgent: true, enters: false, lanes: lanes(&["a"]) }, 0, "rerun".to_owned());
        assert_eq!(begin(&mut line), ["rerun"]);
        line.has_read(&lanes(&["a"]));
        line.has_left(&lanes(&["a"]), 0);
        assert_eq!(begin(&mut line), ["enters"]);
    }

    #[test]
    fn further_rounds_leave_a_place_to_who_waits_only_to_be_read() {
        let mut line = line(100, 1);
        for name in ["a", "b"] {
            line.join(wish(&[name]), 1, name.to_owned());
        }
        assert_eq!(begin(&mut line), ["a", "b"]);
        line.join(Wish { urgent: true, ..wish(&["a", "b"]) }, 1, "both".to_owned());
        line.has_read(&lanes(&["a"]));
        line.join(Wish { urgent: true, enters: false, lanes: lanes(&["a"]) }, 0, "rerun".to_owned());
        assert!(begin(&mut line).is_empty(), "else others could take every place that becomes free");
        line.has_read(&lanes(&["b"]));
        assert_eq!(begin(&mut line), ["both"]);
    }

    #[test]
    fn a_limit_of_nothing_is_a_limit_of_one() {
        let mut line = line(0, 0);
        line.join(wish(&["a"]), 1, "first".to_owned());
        line.join(wish(&["a"]), 1, "second".to_owned());
        assert_eq!(begin(&mut line), ["first"]);
        line.has_read(&lanes(&["a"]));
        assert_eq!(begin(&mut line), ["second"]);
    }

    #[test]
    fn who_has_gone_away_takes_no_room() {
        let mut line = line(1, 1);
        line.join(wish(&["a"]), 1, "gone".to_owned());
        line.join(wish(&["a"]), 1, "there".to_owned());
        assert_eq!(line.next(|who| who != "gone").unwrap().who, "there");
    }
}
