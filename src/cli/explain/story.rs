//! Everything that is told about one pair.

use jiff::Timestamp;

use super::calls::Call;
use super::next::Next;
use super::step::Step;
use crate::api::{Accept, Confirmations, TrackedFinding};
use crate::status::View;

/// Everything that is told about one pair.
pub struct Story {
    /// The pair as it stands now.
    pub view: View,
    /// What happened since the assessment last changed, oldest first.
    pub steps: Vec<Step>,
    /// Whether there is more than is told.
    pub cut: bool,
    /// Findings over time.
    pub tracked: Vec<TrackedFinding>,
    /// Open Escalations that it claims.
    pub calls: Vec<Call>,
    /// Waivers in force now, and those that have ended.
    pub waivers: Vec<Waiver>,
    /// How many runs in a row confirm what.
    pub confirmations: Confirmations,
    /// What happens next.
    pub next: Next,
}

/// A waiver of the Check.
#[derive(Debug)]
pub struct Waiver {
    /// As declared.
    pub accept: Accept,
    /// Whether it is in force now.
    pub in_force: bool,
    /// Findings that it accepts now.
    pub findings: usize,
}

/// When `text` is, if it is an instant.
pub fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
