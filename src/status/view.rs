//! One pair as it is shown now: stale evidence is `unknown`, computed when read.

use jiff::Timestamp;

use super::{PairState, Wanted};
use crate::api::{Assessment, ConditionType, Labels, PairId, ReactionOutcome, StatusFinding, reason};
use crate::plan::{Mode, expected_until, fresh_until, next_after};
use crate::reaction::{WAIVER, in_force, waives};

/// One pair as it is shown now.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The pair.
    pub pair: PairId,
    /// The intent.
    pub intent: String,
    /// Labels of the Target.
    pub labels: Labels,
    /// What is said now.
    pub assessment: Assessment,
    /// CamelCase reason of the assessment.
    pub reason: String,
    /// One sentence for a person.
    pub why: String,
    /// The latest reaction.
    pub reaction: Option<ReactionOutcome>,
    /// Whether the pair is observed on schedule, with the reason when it is not.
    pub ready: Result<(), &'static str>,
    /// What policy said of the plan that it refused; then `ready` says how: `Denied`, `ApprovalRequired` or `PolicyUnusable`.
    pub denied: Option<String>,
    /// Whether no run has begun when one should have.
    pub overdue: bool,
    /// Since when the assessment is what it is.
    pub since: Option<Timestamp>,
    /// When the last run started.
    pub last_run: Option<Timestamp>,
    /// When the next run is due.
    pub next_run: Option<Timestamp>,
    /// What is not as it should be.
    pub findings: Vec<StatusFinding>,
    /// Whether it is not healthy and waivers in force accept everything found.
    pub accepted: bool,
    /// Whether the pair is suspended: shown, but not counted.
    pub suspended: bool,
    /// Whether the last run used fixtures.
    pub fixtures: bool,
    /// Sentences about declared things without effect.
    pub not_in_effect: Vec<String>,
    /// Why no edit has an effect on it: what it is about has errors, and the last good version is in force.
    pub stalled: Option<String>,
}

impl View {
    /// Whether the pair is healthy and nothing about it asks for a word.
    pub fn plainly_healthy(&self) -> bool {
        self.assessment == Assessment::Healthy && self.reaction == Some(ReactionOutcome::NoOp) && self.not_in_effect.is_empty()
    }
}

impl View {
    /// The pair as a pass shows it that ran out of time before it had looked: due, and nobody can say how it is now. What it said
    /// before stays in evidence and is not repeated as if it were new.
    #[must_use]
    pub fn left(self) -> Self {
        let before = match self.last_run {
            Some(_) => format!("before, it was {}", self.assessment.as_str()),
            None => "it was never observed".to_owned(),
        };
        Self {
            assessment: Assessment::Unknown,
            reason: reason::DEADLINE_EXCEEDED.to_owned(),
            why: format!("not looked at before the deadline; {before}"),
            ready: Err(reason::DEADLINE_EXCEEDED),
            accepted: false,
            ..self
        }
    }
}

/// The pair as it is shown at `now`; `mode` says by which rule the next run is due.
pub fn view(wanted: &Wanted, state: Option<&PairState>, now: Timestamp, mode: Mode) -> View {
    let mut view = View {
        pair: wanted.pair.clone(),
        intent: wanted.intent.clone(),
        labels: wanted.labels.clone(),
        assessment: Assessment::Unknown,
        reason: reason::NOT_YET_OBSERVED.to_owned(),
        why: "not observed yet".to_owned(),
        reaction: None,
        ready: Err(reason::NOT_YET_OBSERVED),
        denied: None,
        overdue: false,
        since: None,
        last_run: None,
        next_run: (!wanted.suspended).then_some(now),
        findings: Vec::new(),
        accepted: false,
        suspended: wanted.suspended,
        fixtures: false,
        not_in_effect: wanted.not_in_effect.clone(),
        stalled: stalled(&wanted.held),
    };
    if let Some((state, last, status)) = state.and_then(|state| Some((state, state.last.as_ref()?, state.status.as_ref()?))) {
        let cadence = wanted.cadence();
        let until = fresh_until(&cadence, wanted.fresh_for, wanted.timeout, &wanted.pair, last.started);
        view.reaction = Some(last.reaction);
        view.last_run = Some(last.started);
        view.fixtures = state.fixtures;
        view.findings.clone_from(&state.findings);
        if !wanted.suspended {
            view.next_run = next_after(&cadence, &wanted.pair, last.started, now, mode);
        }
        // What was said may count for longer than a run is late: then it still stands, and nobody observes on schedule.
        view.overdue = !wanted.suspended && now > expected_until(&cadence, wanted.timeout, &wanted.pair, last.started);
        if now > until {
            reason::STALE.clone_into(&mut view.reason);
            view.why = format!("the evidence is older than freshFor; it said {}", last.assessment.as_str());
            view.since = Some(until);
            view.ready = Err(reason::STALE);
        } else {
            view.assessment = last.assessment;
            view.reason = status
                .conditions
                .iter()
                .find(|condition| condition.r#type == ConditionType::Healthy)
                .map_or_else(String::new, |condition| condition.reason.clone());
            view.why = latest_wording(state).unwrap_or_else(|| status.summary.clone());
            view.since = state.since;
            view.ready = if view.overdue { Err(reason::STALE) } else { Ok(()) };
            view.accepted = last.assessment != Assessment::Healthy && accepted(wanted, &state.findings, now);
        }
    }
    if wanted.suspended {
        view.ready = Err(reason::SUSPENDED);
    } else if let Some(denied) = state.filter(|state| !state.removed).and_then(|state| state.denied.as_ref()) {
        let message = format!("policy refused the plan: {}", denied.message);
        view.ready = Err(denied.reason());
        if view.last_run.is_none() {
            denied.reason().clone_into(&mut view.reason);
            view.why.clone_from(&message);
        }
        view.denied = Some(message);
    }
    view
}

fn stalled(held: &[String]) -> Option<String> {
    (!held.is_empty())
        .then(|| format!("errors in {}: the last good version is in force; `tecrax plan` shows them", held.join(" and ")))
}

/// Whether waivers that are in force now accept everything that was found.
fn accepted(wanted: &Wanted, findings: &[StatusFinding], now: Timestamp) -> bool {
    let accepted = in_force(&wanted.accept, now);
    let mut about_target = findings.iter().filter(|finding| finding.kind != WAIVER).peekable();
    about_target.peek().is_some() && about_target.all(|finding| waives(&accepted, finding))
}

/// The latest wording of the first finding, with how many more there are.
fn latest_wording(state: &PairState) -> Option<String> {
    let first = state.findings.first()?;
    Some(match state.findings.len() - 1 {
        0 => first.message.clone(),
        more => format!("{} (+{more} more)", first.message),
    })
}
