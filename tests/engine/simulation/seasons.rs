//! Both ends of summer time, and that a story lives through them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};

/// When the clocks go forward.
static SPRING: LazyLock<Timestamp> = LazyLock::new(|| "2026-03-29T01:00:00Z".parse().unwrap());
/// When a story goes on in autumn: two days before the clocks go back.
pub static AUTUMN: LazyLock<Timestamp> = LazyLock::new(|| "2026-10-23T00:00:00Z".parse().unwrap());
/// When the clocks go back.
static WINTER: LazyLock<Timestamp> = LazyLock::new(|| "2026-10-25T01:00:00Z".parse().unwrap());

/// How long a change is waited for to have runs on both sides: it has none where all Checks are unwanted for days.
const AROUND: SignedDuration = SignedDuration::from_hours(48);

/// Parts of the year between the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Season {
    Before,
    Summer,
    Autumn,
    Winter,
}

/// In which seasons there were runs.
#[derive(Debug, Clone, Default)]
pub struct Seasons(BTreeSet<Season>);

impl Seasons {
    /// Takes a run.
    pub fn run(&mut self, at: Timestamp) {
        self.0.insert(match at {
            at if at < *SPRING => Season::Before,
            at if at < *AUTUMN => Season::Summer,
            at if at < *WINTER => Season::Autumn,
            _ => Season::Winter,
        });
    }

    /// Whether the clocks have gone forward by `now`, with runs before and after it if any Check was wanted around it.
    pub fn is_summer(&self, now: Timestamp) -> bool {
        self.ran_in([Season::Before, Season::Summer]) || now >= *SPRING + AROUND
    }

    /// The same of both changes.
    pub fn are_over(&self, now: Timestamp) -> bool {
        self.crossed_both() || now >= *WINTER + AROUND
    }

    /// Whether there were runs before and after either change, none of them left out by the leap from summer to autumn.
    pub fn crossed_both(&self) -> bool {
        self.ran_in([Season::Before, Season::Summer, Season::Autumn, Season::Winter])
    }

    fn ran_in<const N: usize>(&self, seasons: [Season; N]) -> bool {
        seasons.iter().all(|season| self.0.contains(season))
    }
}
