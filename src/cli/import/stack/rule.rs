//! One rule of a pack as a rule of a Policy.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::item::Report;
use super::words::{Translated, Words};
use crate::admission::policy::{DEFAULT_PRIORITY, Effect, Rule};
use crate::api::{LabelName, PolicyCondition, PolicyConstraint, PolicyEffect, PolicyObligation, PolicyRule};

/// Longest reason code, in characters.
const MAX_REASON: usize = 128;
/// Most values of a condition, obligations and constraints of a rule.
const MAX_CONTROLS: usize = 16;
/// Largest priority, and the least with its sign turned.
const MAX_PRIORITY: i64 = 10_000;

/// What became of a rule: the rule, or nothing, and what there is to say about it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub rule: Option<PolicyRule>,
    pub said: Vec<String>,
}

/// Keys that only a request about an operation has, and those that only one about a reading has.
const OPERATION: [&str; 2] = ["action.intent", "action.risk"];
const READING: [&str; 3] = ["action.connector", "action.backend", "action.name"];
const CATEGORY: &str = "action.category";

/// Translates a rule. What denies never becomes narrower by it, and what admits never wider.
pub(super) fn translate(rule: &Rule, name: LabelName, words: &Words<'_>, report: &Report) -> Outcome {
    let mut outcome = Outcome::default();
    let admits = rule.effect.admits();
    let Some(conditions) = conditions(rule, admits, words, report, &mut outcome.said) else { return outcome };
    let (mut obligations, mut constraints) = (Vec::new(), Vec::new());
    if admits && let Err(why) = controls(rule, &mut obligations, &mut constraints) {
        outcome.said.push(format!("left out: {why}"));
        return outcome;
    }
    let bound = !obligations.is_empty() || !constraints.is_empty();
    let effect = match rule.effect {
        // A plain allow with obligations admits no operation in the Python stack either.
        Effect::Allow if bound => {
            outcome.said.push("left out: a plain allow with obligations or constraints admits nothing".to_owned());
            return outcome;
        }
        Effect::Allow => PolicyEffect::Allow,
        Effect::AllowWithObligations => PolicyEffect::AllowWithObligations,
        Effect::ApprovalRequired => PolicyEffect::ApprovalRequired,
        Effect::Deny => PolicyEffect::Deny,
    };
    let reason = report.plain(&rule.reason_code).filter(|code| !code.is_empty() && code.chars().count() <= MAX_REASON);
    // The least decides there, the highest here.
    let priority = DEFAULT_PRIORITY.saturating_sub(rule.priority).clamp(-MAX_PRIORITY, MAX_PRIORITY);
    outcome.rule = Some(PolicyRule {
        name,
        effect,
        conditions,
        obligations,
        constraints,
        priority: i32::try_from(priority).unwrap_or_default(),
        reason_code: reason.map(str::to_owned),
    });
    outcome
}

fn conditions(
    rule: &Rule,
    admits: bool,
    words: &Words<'_>,
    report: &Report,
    said: &mut Vec<String>,
) -> Option<Vec<PolicyCondition>> {
    let text = |key: &str| {
        let condition = rule.conditions.iter().find(|condition| condition.key == key)?;
        condition.accepted.first()?.as_str()
    };
    let has = |keys: &[&str]| rule.conditions.iter().any(|condition| keys.contains(&condition.key.as_str()));
    let (operation, reading) = (has(&OPERATION), has(&READING));
    if operation && reading {
        said.push("left out: no request has both an intent and a connector, so it never matched".to_owned());
        return None;
    }
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut add = |condition: PolicyCondition| {
        let PolicyCondition { key, values } = condition;
        all.entry(key).and_modify(|known| known.retain(|value| values.contains(value))).or_insert(values);
    };
    for condition in &rule.conditions {
        let key = condition.key.as_str();
        let translated = match condition.accepted.first() {
            Some(Value::String(value)) => words.condition(key, value, text("action.connector")),
            // Null holds where the key is missing, and no other value equals a text.
            _ => match words.condition(key, "", None) {
                Translated::Unknown => Translated::Unknown,
                _ => Translated::Never,
            },
        };
        match translated {
            Translated::Conditions(conditions) => conditions.into_iter().for_each(&mut add),
            Translated::Never => {
                said.push(format!("left out: no request of tecrax has this value of {}", report.word(key)));
                return None;
            }
            Translated::Unknown if admits => {
                said.push(format!(
                    "left out: no request of tecrax has {}, and without it more would be admitted",
                    report.word(key)
                ));
                return None;
            }
            Translated::Unknown => {
                said.push(format!(
                    "written without {}, which no request of tecrax has: it stops more than before",
                    report.word(key)
                ));
            }
        }
    }
    if let Some(connector) = text("action.name").and_then(super::words::reading_connector) {
        add(PolicyCondition { key: "action.connector".to_owned(), values: vec![connector.to_owned()] });
    }
    // tecrax asks about every reading as a part of the operation, too: what was meant for one of both stays with it.
    if !has(&[CATEGORY]) && (operation || reading) {
        let category = if operation { "operation" } else { "connector" };
        add(PolicyCondition { key: CATEGORY.to_owned(), values: vec![category.to_owned()] });
    }
    if all.values().any(Vec::is_empty) {
        said.push("left out: two of its conditions exclude each other".to_owned());
        return None;
    }
    Some(all.into_iter().map(|(key, values)| PolicyCondition { key, values }).collect())
}

/// Obligations and constraints in the closed kinds of a Policy.
fn controls(rule: &Rule, obligations: &mut Vec<PolicyObligation>, constraints: &mut Vec<PolicyConstraint>) -> Result<(), String> {
    let mut oblige = |kind: &str| -> Result<(), String> {
        let kind = if kind == "receipt_required" { "receipt" } else { kind };
        if obligations.iter().all(|known| known.kind != kind) {
            let name = LabelName::parse(&kind.replace('_', "-")).map_err(|error| error.to_string())?;
            obligations.push(PolicyObligation { name, kind: kind.to_owned() });
        }
        Ok(())
    };
    for obligation in &rule.obligations {
        match obligation.kind.as_str() {
            kind @ ("receipt" | "receipt_required" | "output_digest_required") => oblige(kind)?,
            _ => return Err("it has an obligation that this version can not meet".to_owned()),
        }
    }
    for constraint in &rule.constraints {
        let value = match (&*constraint.kind, &constraint.value) {
            (kind @ ("receipt_required" | "output_digest_required"), Value::Bool(true)) => {
                oblige(kind)?;
                continue;
            }
            ("output_digest_required", Value::Bool(false)) => continue,
            ("timeout", value) => seconds(value),
            ("max_steps" | "output_limit", value) => whole(value),
            _ => None,
        };
        let value = value.ok_or("it has a constraint that this version can not read")?;
        let same = |known: &&mut PolicyConstraint| known.kind == constraint.kind;
        match constraints.iter_mut().find(same) {
            // Of several the least holds.
            Some(known) if known.value.parse::<f64>().ok() > value.parse::<f64>().ok() => known.value = value,
            Some(_) => {}
            None => {
                let name = LabelName::parse(&constraint.kind.replace('_', "-")).map_err(|error| error.to_string())?;
                constraints.push(PolicyConstraint { name, kind: constraint.kind.clone(), value });
            }
        }
    }
    if constraints.len() > MAX_CONTROLS { Err("it has too many constraints".to_owned()) } else { Ok(()) }
}

/// Seconds as a decimal number of at least a millisecond.
fn seconds(value: &Value) -> Option<String> {
    let seconds = number(value)?;
    let text = format!("{seconds:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
    (0.001..=1e9).contains(&seconds).then_some(text)
}

fn whole(value: &Value) -> Option<String> {
    let number = number(value).filter(|number| number.fract() == 0.0 && *number >= 1.0 && *number <= 9e15)?;
    Some(format!("{number:.0}"))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    }
    .filter(|number: &f64| number.is_finite())
}
