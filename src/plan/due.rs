//! Whether a pair runs now, and why.

use jiff::{SignedDuration, Timestamp};

use super::schedule::{next_slot, slot_after};
use crate::api::{Digest, LastEvidence, PairId, ReactionOutcome, reason};
use crate::desired::{Cadence, Pair};

/// Which rule decides that an interval has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `--once`: cron calls about every interval, so a tenth of it (at most 30 s) is forgiven.
    Once,
    /// The daemon: fixed-rate slots.
    Watch,
    /// A person asked for all of it now.
    Force,
}

/// Why a pair runs or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// There is no evidence yet.
    Missing,
    /// The Check's or Target's spec changed.
    SpecChanged,
    /// The shapes, normalizers or rules this pair uses changed.
    PlanChanged,
    /// The interval has passed.
    Due,
    /// A reaction or a person asked for it.
    RerunRequested,
    /// The evidence is recent enough.
    Fresh,
    /// The Check or the Target is suspended.
    Suspended,
    /// The pair is no longer desired.
    Removed,
}

impl Why {
    /// The reason word.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Missing => reason::MISSING,
            Self::SpecChanged => reason::SPEC_CHANGED,
            Self::PlanChanged => reason::PLAN_CHANGED,
            Self::Due => reason::DUE,
            Self::RerunRequested => reason::RERUN_REQUESTED,
            Self::Fresh => reason::FRESH,
            Self::Suspended => reason::SUSPENDED,
            Self::Removed => reason::REMOVED,
        }
    }

    /// Whether the pair runs now.
    pub const fn runs(self) -> bool {
        matches!(self, Self::Missing | Self::SpecChanged | Self::PlanChanged | Self::Due | Self::RerunRequested)
    }
}

/// Whether a pair runs now, and when it is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Why.
    pub why: Why,
    /// When the pair is due next; `None` when nothing but an edit brings it back.
    pub next: Option<Timestamp>,
}

/// Compares a pair with its latest evidence.
pub fn timing(pair: &Pair, plan_digest: Digest, last: Option<&LastEvidence>, now: Timestamp, mode: Mode) -> Timing {
    if pair.check.suspend || pair.target.suspend {
        return Timing { why: Why::Suspended, next: None };
    }
    let Some(last) = last else {
        return Timing { why: Why::Missing, next: Some(now) };
    };
    let why = if last.spec_digest != pair.spec_digest {
        Some(Why::SpecChanged)
    } else if last.plan_digest != plan_digest {
        Some(Why::PlanChanged)
    } else if last.reaction == ReactionOutcome::Rerun || mode == Mode::Force {
        Some(Why::RerunRequested)
    } else {
        None
    };
    if let Some(why) = why {
        return Timing { why, next: Some(now) };
    }
    let next = next_after(&pair.check.cadence, &pair.id, last.started, now, mode);
    let due = next.is_some_and(|next| next <= now);
    Timing { why: if due { Why::Due } else { Why::Fresh }, next }
}

/// When a pair that last started at `started` is due next, given cadence and mode.
///
/// Evidence from more than half an interval in the future means that the clock stepped back: such a pair is due now, once. Less may be
/// another daemon on the same state whose clock is ahead, and then the pair has run. With a schedule, evidence from beyond the second slot
/// from now means the same as half an interval; with a starting deadline such a pair is due at the first slot that is not over by it.
pub fn next_after(cadence: &Cadence, pair: &PairId, started: Timestamp, now: Timestamp, mode: Mode) -> Option<Timestamp> {
    match cadence {
        Cadence::Interval(interval) => {
            let length = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
            if started.as_millisecond().saturating_sub(now.as_millisecond()) > length / 2 {
                return Some(now);
            }
            let after = |millis: i64| started.checked_add(SignedDuration::from_millis(millis)).unwrap_or(Timestamp::MAX);
            match mode {
                // After an unscheduled run the next slot is the first at least half an interval later.
                Mode::Watch => next_slot(cadence, pair, after(length / 2)),
                Mode::Once | Mode::Force => Some(after(length - (length / 10).min(30_000))),
            }
        }
        Cadence::Schedule(calendar) => {
            if started > now && stepped_back(cadence, pair, started, now) {
                // Counted from `now`, the next slot would go on ahead of whoever waits for it.
                let deadline = calendar.schedule().starting_deadline;
                let deadline =
                    deadline.map(|deadline| SignedDuration::from_millis(i64::try_from(deadline.as_millis()).unwrap_or(i64::MAX)));
                return match deadline.and_then(|deadline| now.checked_sub(deadline).ok()) {
                    Some(from) => next_slot(cadence, pair, from),
                    None => Some(now),
                };
            }
            let mut slot = slot_after(cadence, pair, started)?;
            // A missed slot still runs within its starting deadline; later ones wait for the next slot.
            if let Some(deadline) = calendar.schedule().starting_deadline {
                let deadline = SignedDuration::from_millis(i64::try_from(deadline.as_millis()).unwrap_or(i64::MAX));
                if slot.checked_add(deadline).unwrap_or(Timestamp::MAX) < now {
                    let from = now.checked_sub(deadline).unwrap_or(Timestamp::MIN);
                    slot = next_slot(cadence, pair, from)?;
                }
            }
            Some(slot)
        }
    }
}

/// Whether two slots or more lie between `now` and evidence from the future.
fn stepped_back(cadence: &Cadence, pair: &PairId, started: Timestamp, now: Timestamp) -> bool {
    let after = |at: Timestamp| slot_after(cadence, pair, at);
    after(now).and_then(after).is_some_and(|second| second <= started)
}
