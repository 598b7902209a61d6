//! What an agenda knows of one pair.

use jiff::Timestamp;

use super::lanes::Lanes;
use crate::api::{Digest, LastEvidence};
use crate::desired::Pair;
use crate::plan::{Mode, Timing, Why, timing};

/// What is known of a pair.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) last: Option<LastEvidence>,
    /// When the queue brings it; `None` when something else does: the end of a round of its Target, or new manifests.
    pub(super) queued: Option<i64>,
    /// Position of its plan.
    pub(super) plan: u32,
    /// Whether somebody asks for a run.
    pub(super) asked: bool,
    /// Whether policy refused it. Judges do not change their mind before new manifests.
    pub(super) refused: bool,
}

/// What is known of a plan before it is made.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) digest: Digest,
    pub(super) lanes: Lanes,
}

impl Slot {
    /// Whether the pair runs now, and why. What policy refused does not.
    pub(super) fn timing(&self, pair: &Pair, plans: &[Outline], now: Timestamp) -> Timing {
        let plan = plans.get(self.plan as usize).map_or(Digest::ZERO, |plan| plan.digest);
        let timing = timing(pair, plan, self.last.as_ref(), now, Mode::Watch);
        match timing.why {
            _ if self.refused => Timing { next: None, ..timing },
            Why::Fresh | Why::Due if self.asked => Timing { why: Why::RerunRequested, next: Some(now) },
            _ => timing,
        }
    }
}
