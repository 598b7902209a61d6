//! What a person is told in a proposal: one bounded line of ours around names of findings.

use std::fmt::Write as _;

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
    if explanation.chars().count() > EXPLANATION_MAX {
        return Err(Rejected::new("explanation_exceeds_profile_bound"));
    }
    if is_marked(explanation) { Err(Rejected::new("unsafe_explanation")) } else { Ok(()) }
}

fn is_marked(text: &str) -> bool {
    let lower = text::lower(text);
    MARKERS.iter().any(|marker| lower.contains(marker))
}

/// The explanation of a diagnosis of the Python stack, exactly as recorded.
pub(super) fn recorded(diagnosis: &Value) -> String {
    let state = |key: &str| text::collapse(&word(&diagnosis[key]), STATE_MAX);
    let listed = |key: &str, parts: &[(&str, usize)]| {
        let entries = diagnosis[key].as_array().filter(|entries| !entries.is_empty());
        let Some(entries) = entries else { return "none".to_owned() };
        let entries = entries.iter().take(NAMED_MAX).filter(|entry| entry.is_object());
        let line = |entry: &Value| {
            let parts: Vec<String> = parts.iter().map(|(part, limit)| token(&word(&entry[*part]), *limit)).collect();
            parts.join("/")
        };
        entries.map(line).collect::<Vec<_>>().join(",")
    };
    let findings =
        listed("findings", &[("component", NAME_MAX), ("kind", NAME_MAX), ("reason_code", NAME_MAX), ("severity", STATE_MAX)]);
    let failures = listed("continued_failures", &[("step_id", STEP_MAX), ("error_class", STEP_MAX)]);
    format!(
        "Bounded Tecrax monitoring-host escalation proposal. observed_health={}; coverage_status={}; findings={findings}; \
         continued_failures={failures}; {END}",
        state("observed_health"),
        state("coverage_status"),
    )
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
            let mut list = named.iter().take(shown).cloned().collect::<Vec<_>>().join(",");
            match named.len() - shown {
                0 if shown == 0 => list.push_str("none"),
                0 => {}
                more => {
                    let _ = write!(list, "{}+{more}", if shown == 0 { "" } else { "," });
                }
            }
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
