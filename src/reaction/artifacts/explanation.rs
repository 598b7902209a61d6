//! What a person is told in a proposal: one bounded line of ours around names of findings.

use serde_json::Value;

use super::Rejected;
use super::token::token;
use crate::api::{Assessment, Coverage, StatusFinding};
use crate::facts::text;

/// Longest explanation, in characters.
pub const EXPLANATION_MAX: usize = 768;
/// Most findings, and most failures, that a recorded explanation names.
const NAMED_MAX: usize = 8;
/// Longest state in it, in characters.
const STATE_MAX: usize = 32;
/// Longest name of a finding's part, in characters.
const NAME_MAX: usize = 96;
/// Longest name of a step or a class, in characters.
const STEP_MAX: usize = 128;
/// What every explanation ends with: it gives nobody any power.
const END: &str = "advisory_only=true; no_connector_or_command_authority=true.";
/// Stands for a name that holds one of [`MARKERS`].
const WITHHELD: &str = "withheld";
/// What no explanation may hold, in lower case: beginnings of secrets, of commands that change something, and addresses.
const MARKERS: [&str; 15] = [
    "-----begin",
    "authorization:",
    "bearer ",
    "docker exec",
    "docker restart",
    "docker compose",
    "http://",
    "https://",
    "password",
    "passwd",
    "secret",
    "sudo ",
    "systemctl reload",
    "systemctl restart",
    "token",
];

/// Whether an explanation may be shown.
///
/// # Errors
/// It is longer than [`EXPLANATION_MAX`], or holds what reads like a secret, a command or an address.
pub(super) fn check(explanation: &str) -> Result<(), Rejected> {
    if !fits(explanation) {
        return Err(Rejected::new("explanation_exceeds_profile_bound"));
    }
    if is_marked(explanation) { Err(Rejected::new("unsafe_explanation")) } else { Ok(()) }
}

fn fits(explanation: &str) -> bool {
    explanation.chars().count() <= EXPLANATION_MAX
}

fn is_marked(text: &str) -> bool {
    let lower = text::lower(text);
    MARKERS.iter().any(|marker| lower.contains(marker))
}

/// The explanation of a diagnosis of the Python stack: as recorded where that stack makes one. Where it refuses to, what is too long is
/// cut, failures before findings, and counted; a name that reads like a secret is withheld.
pub(super) fn recorded(diagnosis: &Value) -> String {
    let state = |key: &str| text::collapse(&word(&diagnosis[key]), STATE_MAX);
    let (health, coverage) = (state("observed_health"), state("coverage_status"));
    let findings = named(
        &diagnosis["findings"],
        &[("component", NAME_MAX), ("kind", NAME_MAX), ("reason_code", NAME_MAX), ("severity", STATE_MAX)],
    );
    let failures = named(&diagnosis["continued_failures"], &[("step_id", STEP_MAX), ("error_class", STEP_MAX)]);
    let line = |(of_findings, of_failures): (usize, usize)| {
        format!(
            "Bounded Tecrax monitoring-host escalation proposal. observed_health={health}; coverage_status={coverage}; findings={}; \
             continued_failures={}; {END}",
            first(&findings, of_findings),
            first(&failures, of_failures),
        )
    };
    let (findings_max, failures_max) = (findings.len().min(NAMED_MAX), failures.len().min(NAMED_MAX));
    let fewer_failures = (0..=failures_max).rev().map(|shown| (findings_max, shown));
    let fewer_findings = (0..findings_max).rev().map(|shown| (shown, 0));
    fewer_failures.chain(fewer_findings).map(line).find(|line| fits(line)).unwrap_or_else(|| line((0, 0)))
}

/// One name for each entry of a list; an entry that is no object has none.
fn named(list: &Value, parts: &[(&str, usize)]) -> Vec<String> {
    let name = |entry: &Value| {
        let parts: Vec<String> = parts.iter().map(|(part, limit)| harmless(token(&word(&entry[*part]), *limit))).collect();
        parts.join("/")
    };
    list.as_array().into_iter().flatten().filter(|entry| entry.is_object()).map(name).collect()
}

/// The first `shown` names. The rest is counted, but for those that the stack itself leaves out.
fn first(names: &[String], shown: usize) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let more = if shown < NAMED_MAX { names.len().saturating_sub(shown) } else { 0 };
    counted(names, shown, more)
}

/// The first `shown` names and the count of those that are not told.
fn counted(names: &[String], shown: usize, more: usize) -> String {
    let told = names.iter().take(shown).cloned();
    told.chain((more > 0).then(|| format!("+{more}"))).collect::<Vec<_>>().join(",")
}

/// A text as it is, a number as it looks, nothing for anything else.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// What our own proposals tell.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The question that was asked.
    pub intent: &'a str,
    /// What the run said.
    pub assessment: Assessment,
    /// How much was seen.
    pub coverage: Coverage,
    /// What is not as it should be.
    pub findings: &'a [StatusFinding],
}

impl Told<'_> {
    /// One line that every check of a proposal passes. What is too long is cut at whole findings and the rest is counted; a name that
    /// reads like a secret or a command is withheld: what is broken is told in any case.
    pub fn explanation(&self) -> String {
        let named: Vec<String> = self.findings.iter().map(of_finding).collect();
        let line = |shown: usize| {
            let more = named.len().saturating_sub(shown);
            let list = if named.is_empty() { "none".to_owned() } else { counted(&named, shown, more) };
            format!(
                "Bounded tecrax escalation proposal. intent={}; assessment={}; coverage={}; findings={list}; {END}",
                harmless(token(self.intent, STEP_MAX)),
                self.assessment.as_str(),
                self.coverage.as_str(),
            )
        };
        (0..=named.len()).rev().map(line).find(|line| check(line).is_ok()).unwrap_or_else(|| format!("Bounded. {END}"))
    }
}

fn of_finding(finding: &StatusFinding) -> String {
    let part = |text: &str| harmless(token(text, NAME_MAX));
    format!("{}/{}/{}", part(&finding.component), part(&finding.kind), part(&finding.reason_code))
}

fn harmless(name: String) -> String {
    if is_marked(&name) { WITHHELD.to_owned() } else { name }
}
