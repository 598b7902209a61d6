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
            findings.first(of_findings),
            failures.first(of_failures),
        )
    };
    let (findings_max, failures_max) = (findings.names.len(), failures.names.len());
    let fewer_failures = (0..=failures_max).rev().map(|shown| (findings_max, shown));
    let fewer_findings = (0..findings_max).rev().map(|shown| (shown, 0));
    fewer_failures.chain(fewer_findings).map(line).find(|line| fits(line)).unwrap_or_else(|| line((0, 0)))
}

/// The entries of a list.
struct Named {
    /// One name for each of the first [`NAMED_MAX`] entries; one that is no object has none.
    names: Vec<String>,
    /// How many entries have one.
    all: usize,
    /// Whether there is no entry at all.
    none: bool,
}

fn named(list: &Value, parts: &[(&str, usize)]) -> Named {
    let name = |entry: &Value| {
        let parts: Vec<String> = parts.iter().map(|(part, limit)| harmless(token(&word(&entry[*part]), *limit))).collect();
        parts.join("/")
    };
    let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
    Named {
        names: entries.iter().take(NAMED_MAX).filter(|entry| entry.is_object()).map(name).collect(),
        all: entries.iter().filter(|entry| entry.is_object()).count(),
        none: entries.is_empty(),
    }
}

impl Named {
    /// The first `shown` names. The rest is counted, but for those that the stack itself leaves out.
    fn first(&self, shown: usize) -> String {
        if self.none {
            return "none".to_owned();
        }
        let more = if shown < self.names.len() { self.all.saturating_sub(shown) } else { 0 };
        counted(&self.names, shown, more)
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn findings(list: &Value) -> String {
        let line = recorded(&json!({"findings": list, "continued_failures": []}));
        let (_, rest) = line.split_once("findings=").unwrap_or_default();
        rest.split(';').next().unwrap_or_default().to_owned()
    }

    /// The stack takes the first eight entries and skips those that are no objects: the ninth is never named.
    #[test]
    fn the_first_eight_entries_are_named_whatever_they_are() {
        let of = |component: &str| json!({"component": component, "kind": "k", "reason_code": "r", "severity": "low"});
        let mut list = vec![json!("text"), json!(1), of("a")];
        list.extend((0..5).map(|_| json!(null)));
        list.push(of("ninth"));
        assert_eq!(findings(&json!(list)), "a/k/r/low");
        assert_eq!(findings(&json!(["text"])), "", "a list of nothing that has a name");
        for nothing in [json!([]), json!("text"), json!(null), json!({"a": 1})] {
            assert_eq!(findings(&nothing), "none", "{nothing}");
        }
    }

    #[test]
    fn what_is_cut_is_counted_with_what_stands_beyond_the_eighth() {
        let of = |at: usize| json!({"component": format!("{at}{}", "c".repeat(90)), "kind": "k", "reason_code": "r", "severity": "low"});
        let mut list: Vec<Value> = (0..12).map(of).collect();
        list.insert(1, json!("text"));
        let told = findings(&json!(list));
        let (_, more) = told.rsplit_once('+').unwrap_or_default();
        assert_eq!(told.matches("/k/r/low").count() + more.parse::<usize>().unwrap_or_default(), 12, "{told}");
    }
}
