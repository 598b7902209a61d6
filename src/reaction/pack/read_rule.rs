//! A rule as written.

use super::condition::Condition;
use super::fault::{Fault, Faults, with_help};
use super::fields::Fields;
use super::outcome::Outcome;
use super::read_condition::condition;
use super::rule::{FindingWords, Rule};
use super::severity::FindingSeverity;
use crate::api::Digest;
use crate::source::Located;

/// Most conditions of a rule.
pub(super) const MAX_CONDITIONS: usize = 16;
/// Longest id, kind and name of an intent, in characters.
pub(super) const MAX_ID: usize = 128;
/// Longest word of an outcome, in characters.
const MAX_OUTCOME: usize = 32;
/// Longest word of a severity, in characters.
const MAX_SEVERITY: usize = 16;
/// Longest summary, in characters.
const MAX_SUMMARY: usize = 512;

const FIELDS: [&str; 6] = ["id", "priority", "when", "finding", "outcome", "intent_ref"];

/// Reads a rule; the fallback (`unconditional`) may have no conditions.
pub(super) fn rule(
    faults: &Faults,
    value: Option<&Located>,
    parent: &Located,
    label: String,
    unconditional: bool,
) -> Result<Rule, Fault> {
    let fields = Fields::of(faults, value, parent, label, &FIELDS)?;
    let id = fields.text("id", MAX_ID)?;
    let priority = fields.whole("priority")?.unwrap_or_default();
    let when = conditions(&fields, unconditional)?;
    let finding = finding(&fields)?;
    let outcome = fields.word("outcome", MAX_OUTCOME, Outcome::parse, Outcome::ALL.map(Outcome::as_str))?;
    let intent = Some(fields.optional_text("intent_ref")).filter(|intent| !intent.is_empty());
    match &intent {
        None if outcome.runs() => {
            return Err(fields.fault("intent_ref", &format!("is required for {}", outcome.as_str())));
        }
        Some(_) if !outcome.runs() => {
            let fault = fields.fault("intent_ref", &format!("is not allowed for {}", outcome.as_str()));
            return Err(with_help(fault, Some("remove it, or let the outcome be run_intent or retry_intent".to_owned())));
        }
        _ => {}
    }
    Ok(Rule { id, priority, when, finding, outcome, intent, digest: Digest::ZERO }.sealed())
}

fn conditions(fields: &Fields<'_>, unconditional: bool) -> Result<Vec<Condition>, Fault> {
    let written = fields.get("when");
    let items = match written {
        None if unconditional => return Ok(Vec::new()),
        None => &[],
        Some(written) => written.list().unwrap_or_default(),
    };
    let is_list = written.is_some_and(|written| written.list().is_some());
    if !is_list || (items.is_empty() && !unconditional) {
        return Err(fields.fault("when", "must be a non-empty list"));
    }
    if items.len() > MAX_CONDITIONS {
        return Err(fields.fault("when", &format!("exceeds {MAX_CONDITIONS} conditions")));
    }
    let read = |(index, item)| condition(fields.faults, item, format!("{}.when[{index}]", fields.label));
    items.iter().enumerate().map(read).collect()
}

fn finding(rule: &Fields<'_>) -> Result<FindingWords, Fault> {
    let label = format!("{}.finding", rule.label);
    let fields = Fields::of(rule.faults, rule.get("finding"), rule.at, label, &["kind", "severity", "summary"])?;
    let kind = fields.text("kind", MAX_ID)?;
    let severity =
        fields.word("severity", MAX_SEVERITY, FindingSeverity::parse, FindingSeverity::ALL.map(FindingSeverity::as_str))?;
    let summary = fields.text("summary", MAX_SUMMARY)?;
    Ok(FindingWords { kind, severity, summary })
}
