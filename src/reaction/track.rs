//! Findings over time: what a run adds to what a pair remembers.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::expected::Expected;
use super::gone::is_gone;
use super::waiver::{WAIVER, waives};
use crate::api::{Assessment, Criticality, FindingKey, FindingStage, StatusFinding, TrackedFinding};
use crate::facts::FINDINGS_MAX;

/// The Check's word on how steady hands are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Runs in a row that confirm a failure; 1 or more.
    pub failures: u32,
    /// Runs in a row that confirm a recovery; 1 or more.
    pub recoveries: u32,
    /// Severity of what is raised, instead of the rule's.
    pub severity: Option<Criticality>,
    /// What the waivers in force accept.
    pub accepted: Vec<String>,
}

impl Default for Terms {
    fn default() -> Self {
        Self { failures: 1, recoveries: 1, severity: None, accepted: Vec::new() }
    }
}

/// What one run on schedule has seen.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// When it started.
    pub started: Timestamp,
    /// What it said.
    pub assessment: Assessment,
    /// What is not as it should be.
    pub findings: &'a [StatusFinding],
    /// Steps whose readings failed, told as findings or as the effect of one.
    pub blind: &'a [String],
    /// The facts; without a contract when there are none.
    pub facts: &'a Value,
    /// What the Check expected of them, where something of it is remembered ([`super::expected`]).
    pub expects: &'a Expected,
}

/// What the pair remembers after a run on schedule, in key order and at most [`FINDINGS_MAX`]; what is raised is kept before the rest.
///
/// A finding that the run did not see counts as gone when the run could have seen it ([`is_gone`]). It is dropped when it was gone as
/// often in a row as a recovery needs. `severity` is that of the rule that fired.
pub fn track(previous: &[TrackedFinding], seen: &Seen<'_>, terms: &Terms, severity: Criticality) -> Vec<TrackedFinding> {
    let mut known = BTreeSet::new();
    let mut tracked = Vec::new();
    for finding in seen.findings {
        let key = FindingKey::from(finding);
        if known.insert(key.clone()) {
            let before = previous.iter().find(|tracked| tracked.key() == key);
            tracked.push(seen_now(before, finding, seen, terms, severity));
        }
    }
    for before in previous.iter().filter(|before| !known.contains(&before.key())) {
        let mut after = before.clone();
        if is_gone(before, seen) {
            after.gone = after.gone.saturating_add(1);
        }
        if after.gone < terms.recoveries.max(1) {
            after.stage = stage(Some(before.stage), &before.finding, terms);
            tracked.push(after);
        }
    }
    bounded(tracked)
}

fn seen_now(
    before: Option<&TrackedFinding>,
    finding: &StatusFinding,
    seen: &Seen<'_>,
    terms: &Terms,
    severity: Criticality,
) -> TrackedFinding {
    let in_a_row = before.filter(|before| before.gone == 0).map_or(0, |before| before.seen);
    // It was seen gone too seldom to be over: the runs in a row begin again, the span goes on.
    let (seen_before, runs_before) = match before {
        Some(before) if before.gone > 0 => (before.seen_of_span(), before.runs_of_span()),
        Some(before) => (before.seen_before, before.runs_before),
        None => (0, 0),
    };
    TrackedFinding {
        finding: finding.clone(),
        severity: if finding.kind == WAIVER { Criticality::Low } else { terms.severity.unwrap_or(severity) },
        stage: stage(before.map(|before| before.stage), finding, terms),
        first_seen: before.map_or(seen.started, |before| before.first_seen),
        last_seen: seen.started,
        seen: in_a_row.saturating_add(1),
        gone: 0,
        seen_before,
        runs_before,
        blind: seen.blind.to_vec(),
    }
}

/// Where a finding stands before the run's outcome is known. That a waiver ends needs no confirmation.
fn stage(before: Option<FindingStage>, finding: &StatusFinding, terms: &Terms) -> FindingStage {
    if waives(&terms.accepted, finding) {
        FindingStage::Accepted
    } else if finding.kind == WAIVER || before == Some(FindingStage::Raised) {
        FindingStage::Raised
    } else {
        FindingStage::Pending
    }
}

/// In key order and within the bound: what a person was called for stays, then what sorts first.
fn bounded(mut tracked: Vec<TrackedFinding>) -> Vec<TrackedFinding> {
    if tracked.len() > FINDINGS_MAX {
        tracked.sort_by_key(|tracked| (tracked.stage != FindingStage::Raised, tracked.key()));
        tracked.truncate(FINDINGS_MAX);
    }
    tracked.sort_by_key(TrackedFinding::key);
    tracked
}
