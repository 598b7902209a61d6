//! What became of one component.

use serde_json::Value;

use super::component::Component;
use super::{ContinuedFailure, Known};
use crate::api::Assessment;
use crate::facts::envelope::text_at;
use crate::facts::text::collapse;

/// Longest reason, in characters.
const REASON_MAX: usize = 64;
/// Reason of a component whose connection the Target does not declare.
pub(super) const NOT_DECLARED: &str = "not_declared";
/// Reason of a component whose readings were taken and do not say it.
const UNCLEAR: &str = "output_unclear";
/// Reason of a component whose subject has no facts although nothing failed.
const NO_FACTS: &str = "no_facts";

/// The words of contract 1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Seen, and as it should be.
    Healthy,
    /// Seen, and not as it should be.
    Unhealthy,
    /// Could not be seen; that says nothing about it.
    Unavailable,
    /// Nobody asked: the Target declares no connection for it.
    NotObserved,
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Unavailable => "unavailable",
            Self::NotObserved => "not_observed",
        }
    }
}

/// A component and what is said of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) component: &'static Component,
    pub(super) status: Status,
    /// Why it is not healthy; a word.
    pub(super) reason: Option<String>,
    /// What it adds to the whole; `None` when it does not count.
    pub(super) assessment: Option<Assessment>,
}

impl State {
    /// A component by its facts: what was seen to be wrong is unhealthy, what its subject calls unknown is unavailable.
    pub(super) fn of(component: &'static Component, known: &Known) -> Self {
        let state = |status, reason: Option<String>, assessment| Self { component, status, reason, assessment };
        if known.undeclared.contains(component.name) {
            return state(Status::NotObserved, Some(NOT_DECLARED.to_owned()), None);
        }
        let facts = known.states.get(component.state_key).filter(|facts| facts.is_object());
        let said = facts.and_then(|facts| Assessment::parse(text_at(facts, &["assessment", "state"])));
        let Some(facts) = facts.filter(|_| said != Some(Assessment::Unknown)) else {
            let reason = why_not_seen(component, facts, &known.failures);
            return state(Status::Unavailable, Some(reason), Some(Assessment::Unknown));
        };
        if facts.get(component.flag) == Some(&Value::Bool(true)) {
            return state(Status::Healthy, None, Some(Assessment::Healthy));
        }
        // Facts without an assessment of their own were not written by us; their flag still says that something is wrong.
        let assessment = said.filter(|said| *said > Assessment::Unknown).unwrap_or(Assessment::Unhealthy);
        state(Status::Unhealthy, judged(component, facts), Some(assessment))
    }
}

fn why_not_seen(component: &Component, facts: Option<&Value>, failures: &[ContinuedFailure]) -> String {
    let failed = failures.iter().find(|failure| component.steps.contains(&failure.step_id.as_str()));
    let otherwise = if facts.is_some() { UNCLEAR } else { NO_FACTS };
    failed
        .map(|failure| failure.error_class.clone())
        .or_else(|| judged(component, facts?))
        .unwrap_or_else(|| otherwise.to_owned())
}

/// The first thing that its subject finds wrong.
fn judged(component: &Component, facts: &Value) -> Option<String> {
    let finding = (component.subject()?.judge)(facts).into_iter().next()?;
    Some(collapse(&finding.reason_code, REASON_MAX)).filter(|reason| !reason.is_empty())
}
