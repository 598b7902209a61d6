//! One pair as it is shown now: stale evidence is `unknown`, computed when read.

use jiff::Timestamp;

use super::PairState;
use crate::api::{Assessment, PairId, ReactionOutcome, StatusFinding, reason};
use crate::desired::Pair;
use crate::plan::fresh_until;

/// One pair as it is shown now.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The pair.
    pub pair: PairId,
    /// The intent.
    pub intent: String,
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
    /// Since when the assessment is what it is.
    pub since: Option<Timestamp>,
    /// When the last run started.
    pub last_run: Option<Timestamp>,
    /// When the next run is due.
    pub next_run: Option<Timestamp>,
    /// What is not as it should be.
    pub findings: Vec<StatusFinding>,
    /// Whether the pair is suspended: shown, but not counted.
    pub suspended: bool,
    /// Whether the last run used fixtures.
    pub fixtures: bool,
    /// Sentences about declared things without effect.
    pub not_in_effect: Vec<String>,
}

impl View {
    /// Whether the pair is healthy and nothing about it asks for a word.
    pub fn plainly_healthy(&self) -> bool {
        self.assessment == Assessment::Healthy && self.reaction == Some(ReactionOutcome::NoOp) && self.not_in_effect.is_empty()
    }
}

/// The pair as it is shown at `now`. `next_run` comes from planning.
pub fn view(pair: &Pair, state: Option<&PairState>, now: Timestamp, next_run: Option<Timestamp>) -> View {
    let suspended = pair.check.suspend || pair.target.suspend;
    let mut view = View {
        pair: pair.id.clone(),
        intent: pair.check.intent.id.clone(),
        assessment: Assessment::Unknown,
        reason: reason::NOT_YET_OBSERVED.to_owned(),
        why: "not observed yet".to_owned(),
        reaction: None,
        ready: Err(reason::NOT_YET_OBSERVED),
        since: None,
        last_run: None,
        next_run,
        findings: Vec::new(),
        suspended,
        fixtures: false,
        not_in_effect: pair.not_in_effect.clone(),
    };
    if let Some((state, last, status)) = state.and_then(|state| Some((state, state.last.as_ref()?, state.status.as_ref()?))) {
        view.reaction = Some(last.reaction);
        view.last_run = Some(last.started);
        view.fixtures = state.fixtures;
        view.findings.clone_from(&state.findings);
        if now > fresh_until(&pair.check, &pair.id, last.started) {
            reason::STALE.clone_into(&mut view.reason);
            view.why = format!("the evidence is older than freshFor; it said {}", last.assessment.as_str());
            view.since = Some(fresh_until(&pair.check, &pair.id, last.started));
            view.ready = Err(reason::STALE);
        } else {
            view.assessment = last.assessment;
            view.reason = status
                .conditions
                .iter()
                .find(|condition| condition.r#type == crate::api::ConditionType::Healthy)
                .map_or_else(String::new, |condition| condition.reason.clone());
            view.why = latest_wording(state).unwrap_or_else(|| status.summary.clone());
            view.since = state.since;
            view.ready = Ok(());
        }
    }
    if suspended {
        view.ready = Err(reason::SUSPENDED);
    }
    view
}

/// The latest wording of the first finding, with how many more there are.
fn latest_wording(state: &PairState) -> Option<String> {
    let first = state.findings.first()?;
    Some(match state.findings.len() - 1 {
        0 => first.message.clone(),
        more => format!("{} (+{more} more)", first.message),
    })
}
