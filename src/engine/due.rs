//! What is due, Target by Target.

use jiff::{SignedDuration, Timestamp};

use super::lanes::Lanes;
use super::work::TargetKey;
use crate::desired::{Cadence, Pair};
use crate::plan::{Timing, Why};

/// The due pairs of one Target.
#[derive(Debug)]
pub(super) struct TargetDue {
    pub(super) key: TargetKey,
    pub(super) pairs: Vec<u32>,
    /// The connectors that their plans need.
    pub(super) lanes: Lanes,
    /// Whether somebody asks for one of them.
    pub(super) urgent: bool,
    /// Whether they are only due, by intervals: what can wait a little.
    pub(super) patient: bool,
    /// When the one that was waited for longest came due.
    pub(super) oldest: Option<Timestamp>,
}

/// What is due.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// Targets that nobody looks at, in the order in which their first pair came due.
    pub(super) targets: Vec<TargetDue>,
    /// How long ago the slot was of the pair among them that has been due longest; `None` when none was waited for.
    pub(super) late: Option<SignedDuration>,
}

impl TargetDue {
    pub(super) fn new(key: TargetKey) -> Self {
        Self { key, pairs: Vec::new(), lanes: Lanes::default(), urgent: false, patient: true, oldest: None }
    }

    pub(super) fn take(&mut self, index: u32, pair: &Pair, timing: Timing, lanes: &Lanes) {
        self.pairs.push(index);
        self.lanes = self.lanes.and(lanes);
        self.urgent |= timing.why == Why::RerunRequested;
        self.patient &= timing.why == Why::Due && matches!(pair.check.cadence, Cadence::Interval(_));
        if timing.why == Why::Due {
            self.oldest = self.oldest.into_iter().chain(timing.next).min();
        }
    }
}
