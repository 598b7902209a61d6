//! Both ends of summer time, and that a story lives through them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::Timestamp;

/// When the clocks go forward.
static SPRING: LazyLock<Timestamp> = LazyLock::new(|| "2026-03-29T01:00:00Z".parse().unwrap());
/// When a story goes on in autumn: two days before the clocks go back.
pub static AUTUMN: LazyLock<Timestamp> = LazyLock::new(|| "2026-10-23T00:00:00Z".parse().unwrap());
/// When the clocks go back.
static WINTER: LazyLock<Timestamp> = LazyLock::new(|| "2026-10-25T01:00:00Z".parse().unwrap());

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

    /// Whether there were runs before and after the clocks went forward.
    pub fn is_summer(&self) -> bool {
        [Season::Before, Season::Summer].iter().all(|season| self.0.contains(season))
    }

    /// Whether there were runs before and after either change, none of them left out by the leap from summer to autumn.
    pub fn crossed_both(&self) -> bool {
        self.is_summer() && [Season::Autumn, Season::Winter].iter().all(|season| self.0.contains(season))
    }
}
