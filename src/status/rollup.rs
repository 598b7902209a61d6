//! Many pairs in few lines.

use std::collections::BTreeMap;

use super::View;
use crate::api::Assessment;

/// How many pairs say what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Healthy pairs.
    pub healthy: usize,
    /// Unknown pairs.
    pub unknown: usize,
    /// Degraded pairs.
    pub degraded: usize,
    /// Unhealthy pairs.
    pub unhealthy: usize,
    /// Pairs that are not healthy and of which waivers in force accept every finding: in none of the others.
    pub accepted: usize,
    /// Suspended pairs: in none of the others.
    pub suspended: usize,
}

impl Counts {
    /// Counts one view.
    pub fn add(&mut self, view: &View) {
        if view.suspended {
            self.suspended += 1;
            return;
        }
        if view.accepted {
            self.accepted += 1;
            return;
        }
        *match view.assessment {
            Assessment::Healthy => &mut self.healthy,
            Assessment::Unknown => &mut self.unknown,
            Assessment::Degraded => &mut self.degraded,
            Assessment::Unhealthy => &mut self.unhealthy,
        } += 1;
    }

    /// Pairs that are not suspended.
    pub const fn total(&self) -> usize {
        self.healthy + self.unknown + self.degraded + self.unhealthy + self.accepted
    }

    /// The loudest assessment of what nobody accepts; `None` when nothing was counted.
    pub const fn worst(&self) -> Option<Assessment> {
        if self.unhealthy > 0 {
            Some(Assessment::Unhealthy)
        } else if self.degraded > 0 {
            Some(Assessment::Degraded)
        } else if self.unknown > 0 {
            Some(Assessment::Unknown)
        } else if self.healthy + self.accepted > 0 {
            Some(Assessment::Healthy)
        } else {
            None
        }
    }
}

/// Many pairs in few lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RollUp {
    /// All pairs.
    pub all: Counts,
    /// By Check.
    pub by_check: BTreeMap<String, Counts>,
    /// By Target label, `key=value`.
    pub by_label: BTreeMap<String, Counts>,
    /// The worst pairs first, at most ten, none of them healthy or accepted.
    pub worst: Vec<View>,
}

/// Rolls `views` up.
pub fn roll_up<'a>(views: impl IntoIterator<Item = &'a View>) -> RollUp {
    /// Rows of `worst`.
    const WORST: usize = 10;
    let mut out = RollUp::default();
    let mut bad: Vec<&View> = Vec::new();
    for view in views {
        out.all.add(view);
        out.by_check.entry(view.pair.check.to_string()).or_default().add(view);
        for (key, value) in &view.labels {
            out.by_label.entry(format!("{key}={value}")).or_default().add(view);
        }
        if view.assessment != Assessment::Healthy && !view.suspended && !view.accepted {
            bad.push(view);
        }
    }
    bad.sort_by(|a, b| b.assessment.cmp(&a.assessment).then_with(|| a.pair.cmp(&b.pair)));
    out.worst = bad.into_iter().take(WORST).cloned().collect();
    out
}
