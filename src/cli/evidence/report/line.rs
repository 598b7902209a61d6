//! One pair in the period.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::super::content::Content;
use super::super::instant::Period;
use super::slots;
use crate::api::{Assessment, PairId, reason};
use crate::desired::Cadence;
use crate::evidence::RecordKind;
use crate::plan::{self, Between};

/// Most changes of the assessment that are kept of one pair; the others are counted.
const CHANGES_MAX: usize = 500;

/// Slots that passed without a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// When the first of them was expected.
    pub since: Timestamp,
    /// When a run ended it; `None` when none did before the end.
    pub until: Option<Timestamp>,
    /// How many of them lie in the period.
    pub slots: u64,
    /// Why.
    pub reason: String,
}

/// A new answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When the run started.
    pub at: Timestamp,
    /// Number of the run in the sequence.
    pub seq: u64,
    /// Assessment.
    pub assessment: String,
    /// Reason.
    pub reason: String,
}

/// What is known of a pair since its last run, suspension, denial or tombstone.
#[derive(Debug, Clone)]
struct Standing {
    since: Timestamp,
    cadence: Option<Cadence>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Runs,
    Suspended,
    Denied,
    Removed,
}

/// One pair in the period. Fed with its records in order, those before the period included.
#[derive(Debug)]
pub struct Line {
    pair: PairId,
    period: Period,
    standing: Option<Standing>,
    /// The last run that was no rerun.
    last_run: Option<Timestamp>,
    last_answer: Option<(String, String)>,
    cadence: Option<Cadence>,
    /// Whether anything of it lies in the period, or it was wanted when the period began.
    pub counts: bool,
    /// Slots that the recorded cadence promised.
    pub expected: u64,
    /// Runs that are no reruns.
    pub runs: u64,
    /// Reruns.
    pub reruns: u64,
    /// Runs on recorded readings.
    pub fixtures: u64,
    /// Runs by assessment.
    pub assessments: BTreeMap<String, u64>,
    /// What was missed.
    pub missed: Vec<Missed>,
    /// Every new answer.
    pub changes: Vec<Change>,
    /// Changes that were not kept.
    pub more_changes: u64,
    /// Until when it was suspended, from when.
    pub suspensions: Vec<(Timestamp, Option<Timestamp>, String)>,
    /// When it was removed.
    pub removed: Vec<Timestamp>,
}

impl Line {
    /// A pair of which nothing is known.
    pub fn new(pair: PairId, period: Period) -> Self {
        Self {
            pair,
            period,
            standing: None,
            last_run: None,
            last_answer: None,
            cadence: None,
            counts: false,
            expected: 0,
            runs: 0,
            reruns: 0,
            fixtures: 0,
            assessments: BTreeMap::new(),
            missed: Vec::new(),
            changes: Vec::new(),
            more_changes: 0,
            suspensions: Vec::new(),
            removed: Vec::new(),
        }
    }

    /// The answer that stood at the end.
    pub fn answer(&self) -> Option<&str> {
        self.last_answer.as_ref().map(|(assessment, _)| assessment.as_str())
    }

    /// Takes the next record of the pair; `inside` tells whether it lies in the period. Returns whether it was of a known kind.
    pub fn take(&mut self, content: &Content, inside: bool) {
        self.counts |= inside;
        let at = content.record.header.sealed_at;
        let started = content.text("/started").and_then(|text| text.parse().ok()).unwrap_or(at);
        match content.kind() {
            Some(RecordKind::Run) if content.body.get("depth").and_then(Value::as_u64).unwrap_or(0) > 0 => {
                self.reruns += u64::from(inside);
            }
            Some(RecordKind::Run) => self.run(content, started, inside),
            Some(RecordKind::Suspension) => {
                let by = content.body.get("suspended_by").and_then(Value::as_array);
                let by: Vec<&str> = by.into_iter().flatten().filter_map(Value::as_str).collect();
                self.suspensions.push((at, None, by.join(", ")));
                self.stand(at, slots::cadence(&content.body), State::Suspended);
            }
            Some(RecordKind::Denial) => self.stand(at, slots::cadence(&content.body), State::Denied),
            Some(RecordKind::Tombstone) => {
                if inside {
                    self.removed.push(at);
                }
                self.open_end(at);
                self.stand(at, None, State::Removed);
                self.last_run = None;
                self.last_answer = None;
            }
            _ => {}
        }
    }

    fn run(&mut self, content: &Content, started: Timestamp, inside: bool) {
        let text = |pointer: &str| content.text(pointer).unwrap_or("-").to_owned();
        let (assessment, reason) = (text("/assessment"), text("/reason"));
        self.stand(started, slots::cadence(&content.body), State::Runs);
        if let Some(cadence) = self.standing.as_ref().and_then(|standing| standing.cadence.clone()) {
            if let Some(last) = self.last_run.filter(|_| inside) {
                self.expected += slots::between(&cadence, &self.pair, last, started, self.period.from);
            }
            self.gap(content.body.get("gap"), &cadence, started);
        }
        self.last_run = Some(started);
        let answer = (assessment, reason);
        if inside {
            self.runs += 1;
            self.fixtures += u64::from(content.body.get("fixtures") == Some(&Value::Bool(true)));
            *self.assessments.entry(answer.0.clone()).or_default() += 1;
            let seq = content.record.header.seq;
            // The first answer in the period tells where it begins.
            if self.last_answer.as_ref() != Some(&answer) || self.runs == 1 {
                self.change(Change { at: started, seq, assessment: answer.0.clone(), reason: answer.1.clone() });
            }
        }
        self.last_answer = Some(answer);
    }

    fn change(&mut self, change: Change) {
        if self.changes.len() < CHANGES_MAX {
            self.changes.push(change);
        } else {
            self.more_changes += 1;
        }
    }

    /// Takes the gap that a run has sealed, as far as it lies in the period.
    fn gap(&mut self, gap: Option<&Value>, cadence: &Cadence, until: Timestamp) {
        let Some(gap) = gap.filter(|_| until >= self.period.from) else { return };
        let text = |key: &str| gap.get(key).and_then(Value::as_str).unwrap_or_default();
        let Ok(since) = text("since").parse::<Timestamp>() else { return };
        let slots = gap.get("slots").and_then(Value::as_u64).unwrap_or(0);
        let slots = self.inside(cadence, since, slots, until);
        if slots > 0 {
            self.missed.push(Missed { since, until: Some(until), slots, reason: text("reason").to_owned() });
        }
    }

    /// How many of `slots` since `since` lie in the period.
    fn inside(&self, cadence: &Cadence, since: Timestamp, slots: u64, until: Timestamp) -> u64 {
        if since >= self.period.from && until <= self.period.to {
            return slots;
        }
        let (from, to) = (since.max(self.period.from), until.min(self.period.to));
        slots.min(slots::count(cadence, &self.pair, since, from, to))
    }

    fn stand(&mut self, at: Timestamp, cadence: Option<Cadence>, state: State) {
        if state != State::Suspended
            && let Some((_, until @ None, _)) = self.suspensions.last_mut()
        {
            *until = Some(at);
        }
        let before = self.standing.take().and_then(|standing| standing.cadence);
        let cadence = if state == State::Removed { None } else { cadence.or(before) };
        if let Some(cadence) = &cadence {
            self.cadence = Some(cadence.clone());
        }
        self.standing = Some(Standing { since: at, cadence, state });
    }

    /// Counts what the time from the last run to `end` promised: the slot of that run, and what no later run was there to call
    /// missed.
    fn open_end(&mut self, end: Timestamp) {
        let Some(Standing { since, cadence: Some(cadence), state }) = self.standing.clone() else { return };
        let reason = match state {
            State::Suspended => reason::SUSPENDED,
            State::Denied => reason::DENIED,
            State::Runs => "no run yet",
            State::Removed => return,
        };
        let served = matches!(cadence, Cadence::Interval(_)) && self.last_run.is_some_and(|last| last >= self.period.from);
        self.expected += u64::from(served);
        let between = Between {
            last: self.last_run.unwrap_or(since),
            now: end.min(self.period.to),
            process: Timestamp::MIN,
            suspended: false,
            denied: false,
            busy: false,
        };
        let Some(gap) = plan::gap(&cadence, &self.pair, &between) else { return };
        let slots = self.inside(&cadence, gap.since, gap.slots, between.now);
        if slots > 0 {
            self.expected += slots;
            self.missed.push(Missed { since: gap.since, until: None, slots, reason: reason.to_owned() });
        }
    }

    /// Ends the period.
    pub fn end(&mut self) {
        let wanted = self.standing.as_ref().is_some_and(|standing| standing.state != State::Removed);
        self.counts |= wanted;
        if wanted {
            self.open_end(self.period.to);
        }
        let from = self.period.from;
        self.suspensions.retain(|(_, until, _)| until.is_none_or(|until| until >= from));
    }

    /// The cadence that stood at the end, or before it was removed.
    pub const fn cadence(&self) -> Option<&Cadence> {
        self.cadence.as_ref()
    }

    /// Runs of that assessment.
    pub fn of(&self, assessment: Assessment) -> u64 {
        self.assessments.get(assessment.as_str()).copied().unwrap_or(0)
    }
}
