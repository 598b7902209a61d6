//! Both ends of summer time, and that a story lives through them.

use std::sync::LazyLock;

use jiff::Timestamp;

/// When the clocks go forward.
static SPRING: LazyLock<Timestamp> = LazyLock::new(|| "2026-03-29T01:00:00Z".parse().unwrap());
/// When a story goes on in autumn: two days before the clocks go back.
pub static AUTUMN: LazyLock<Timestamp> = LazyLock::new(|| "2026-10-23T00:00:00Z".parse().unwrap());
/// When the clocks go back.
static WINTER: LazyLock<Timestamp> = LazyLock::new(|| "2026-10-25T01:00:00Z".parse().unwrap());

/// In which seasons there were runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seasons {
    before: bool,
    summer: bool,
    autumn: bool,
    winter: bool,
}

impl Seasons {
    /// Takes a run.
    pub fn run(&mut self, at: Timestamp) {
        match at {
            at if at < *SPRING => self.before = true,
            at if at < *AUTUMN => self.summer = true,
            at if at < *WINTER => self.autumn = true,
            _ => self.winter = true,
        }
    }

    /// Whether there were runs before and after the clocks went forward.
    pub const fn is_summer(self) -> bool {
        self.before && self.summer
    }

    /// Whether there were runs before and after either change, none of them left out by the leap from summer to autumn.
    pub const fn crossed_both(self) -> bool {
        self.is_summer() && self.autumn && self.winter
    }
}
