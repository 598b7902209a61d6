//! `tecrax.monitoring_host_diagnosis`: eight components of a monitoring host in one picture.
//!
//! It joins the facts of the other subjects and never fails for a missing one: what could not be seen is `unavailable`, what the
//! Target does not declare is `not_observed` and outside the scope. 1.1 adds `not_observed`, a reason a component, four values of
//! `observed_health`, and counts: any number of failed readings is summarised within the bound. Seen and wrong decides, else not
//! seen is unknown.

mod component;
mod failure;
mod project;
mod state;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::envelope::{Frame, NormalizeError, at, text_at};
use super::finding::{Finding, FindingKind};
use super::ntp_server;
use super::reading::{Context, Readings};
use super::subject::{Subject, always, by_scope};
use crate::api::{Assessment, Coverage};
use component::{COMPONENTS, Component};
pub use failure::ContinuedFailure;
use state::{State, Status};

/// Most findings that facts carry.
const FINDINGS_MAX: usize = 16;
/// Most blockers that facts carry.
const BLOCKERS_MAX: usize = 16;
/// Severity of a component that is not well.
const WRONG: &str = "medium";
/// Kind and severity of a component that could not be seen.
const UNAVAILABLE: (&str, &str) = ("monitoring.component_unavailable", "low");
/// Kind, component, reason code and severity when there is nothing else to say.
const ALL_WELL: [&str; 4] = ["monitoring.observed_healthy", "monitoring_host", "all_observed_components_healthy", "info"];

const FRAME: Frame = Frame {
    id: "tecrax.monitoring_host_diagnosis",
    version: "1.1",
    requested: &["host_inventory", "ntp", "zabbix", "docker", "adguard", "portainer", "host_security", "ntp_server"],
    non_claims: &["continuous_monitoring", "root_cause", "automatic_remediation"],
};

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "aggregate_monitoring_host_diagnosis",
    state_key: "monitoring_host_diagnosis",
    components: &[],
    sees: always,
    keys: &[
        ("components.host_inventory", "host_inventory"),
        ("components.ntp", "ntp"),
        ("components.zabbix", "zabbix"),
        ("components.docker", "docker"),
        ("components.adguard", "adguard"),
        ("components.portainer", "portainer"),
        ("components.host_security", "host_security"),
        ("components.ntp_server", "ntp_server"),
    ],
    joined,
    frame: &FRAME,
    normalize,
    judge,
    effects,
    shows: by_scope,
    project: project::to_1_0,
};

/// What is known of a monitoring host before it is put together.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Facts of the components, by the state key of their subject. What is absent or no object was not seen.
    pub states: Map<String, Value>,
    /// Names of components whose connections the Target does not declare.
    pub undeclared: BTreeSet<&'static str>,
    /// Readings that failed.
    pub failures: Vec<ContinuedFailure>,
}

impl Known {
    /// What the readings of a run make known.
    pub fn read(readings: &Readings, context: &Context<'_>) -> Self {
        let facts = |component: &Component| {
            let worth = component.was_read(readings) || component.answered(readings);
            let subject = component.subject().filter(|_| worth)?;
            let facts = (subject.normalize)(readings, context).ok()?;
            Some((component.state_key.to_owned(), facts))
        };
        Self {
            states: COMPONENTS.iter().filter_map(facts).collect(),
            undeclared: COMPONENTS.iter().filter(|one| one.is_undeclared(readings)).map(|one| one.name).collect(),
            failures: failure::of(readings),
        }
    }
}

fn normalize(readings: &Readings, context: &Context<'_>) -> Result<Value, NormalizeError> {
    aggregate(&Known::read(readings, context))
}

/// Puts the components together.
///
/// # Errors
/// [`NormalizeError::InvalidFacts`] when a failure has no step id.
pub fn aggregate(known: &Known) -> Result<Value, NormalizeError> {
    let states: Vec<State> = COMPONENTS.iter().map(|component| State::of(component, known)).collect();
    let named = |wanted: &[Status]| -> Vec<&str> {
        states.iter().filter(|state| wanted.contains(&state.status)).map(|state| state.component.name).collect()
    };
    let requested = named(&[Status::Healthy, Status::Unhealthy, Status::Unavailable]);
    let unavailable = named(&[Status::Unavailable]);
    // Nothing that counts is nothing that was seen.
    let assessment = states.iter().filter_map(|state| state.assessment).max().unwrap_or(Assessment::Unknown);
    let coverage = match unavailable.len() {
        0 => Coverage::Complete,
        lost if lost == requested.len() => Coverage::Blocked,
        _ => Coverage::Partial,
    };
    let told = if coverage == Coverage::Complete && !known.failures.is_empty() { Coverage::Partial } else { coverage };
    let components: Map<String, Value> = states
        .iter()
        .map(|state| (state.component.name.to_owned(), json!({"status": state.status.as_str(), "reason": state.reason})))
        .collect();
    let payload = json!({
        "aggregation_completed": true,
        "coverage_status": told.as_str(),
        "observed_health": assessment.as_str(),
        "components": components,
        "findings": findings(states.iter().map(|state| (state.component, state.status))),
        "continued_failures": failure::summarised(&known.failures),
        "continued_failure_count": known.failures.len(),
    });
    let blockers = if coverage == Coverage::Blocked { blockers(&known.failures) } else { Vec::new() };
    FRAME.seal_scope(payload, &requested, &unavailable, (coverage, &blockers), assessment)
}

/// The steps by which a component is seen.
fn joined(name: &str) -> &'static [&'static str] {
    COMPONENTS.iter().find(|component| component.name == name).map_or(&[], |component| component.steps)
}

/// The classes that stood in the way, when everything was.
fn blockers(failures: &[ContinuedFailure]) -> Vec<&str> {
    let classes: BTreeSet<&str> = failures.iter().map(|failure| failure.error_class.as_str()).collect();
    classes.into_iter().take(BLOCKERS_MAX).collect()
}

/// One finding a component that is not well or could not be seen; one that all is well when there is none.
fn findings(states: impl Iterator<Item = (&'static Component, Status)>) -> Vec<Value> {
    let finding = |[kind, component, reason, severity]: [&str; 4]| json!({"kind": kind, "component": component, "reason_code": reason, "severity": severity});
    let mut found: Vec<Value> = states
        .filter_map(|(component, status)| match status {
            Status::Healthy | Status::NotObserved => None,
            Status::Unhealthy => Some(finding([component.wrong.0, component.name, component.wrong.1, WRONG])),
            Status::Unavailable => {
                let reason = unavailable_code(component);
                Some(finding([UNAVAILABLE.0, component.name, &reason, UNAVAILABLE.1]))
            }
        })
        .take(FINDINGS_MAX)
        .collect();
    if found.is_empty() {
        found.push(finding(ALL_WELL));
    }
    found
}

fn unavailable_code(component: &Component) -> String {
    format!("{}_unavailable", component.name)
}

/// What the component of the time server names is not told again by the reading that it makes fail.
fn effects(facts: &Value) -> &'static [&'static str] {
    if text_at(facts, &["components", "ntp_server", "reason"]) == ntp_server::NOT_ACTIVE { &ntp_server::EFFECTS } else { &[] }
}

/// Components that are not well. One that could not be seen is named by its failed reading, or here when none failed.
fn judge(facts: &Value) -> Vec<Finding> {
    let failed: BTreeSet<&str> = at(facts, &["continued_failures"])
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|failure| failure.get("error_class")?.as_str())
        .collect();
    let mut found = Vec::new();
    for component in &COMPONENTS {
        let text = |key: &str| text_at(facts, &["components", component.name, key]);
        let (status, reason) = (text("status"), text("reason"));
        let code = match status {
            "unhealthy" => component.wrong.1.to_owned(),
            "unavailable" if !failed.contains(reason) => unavailable_code(component),
            _ => continue,
        };
        let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        let message = format!("`components.{}.status` is {status}{why}", component.name);
        let step = format!("a Check with the intent {} says it in full", component.intent);
        found.push(Finding::new(FindingKind::Facts, component.name, &code, &message).next_step(Some(&step)));
    }
    found
}
