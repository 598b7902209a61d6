//! The answer of `policy test`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::exit::Failure;
use super::super::format::{self, Format};
use super::super::printable::printable;
use super::case::Outcome;
use super::words;
use crate::admission::policy::{Nearest, Pack, Unmet, Verdict, prefixed};

/// Most values of a condition that a line names.
const VALUES_MAX: usize = 8;

/// Everything that goes to stdout.
pub(super) fn text(output: Format, pack: &Pack, outcomes: &[Outcome]) -> Result<String, Failure> {
    if output.structured() {
        let passed = outcomes.iter().filter(|outcome| outcome.passed()).count();
        let answer = json!({
            "pack": {
                "id": pack.id(),
                "version": pack.version(),
                "rules": pack.rules().len(),
                "digest": prefixed(pack.digest()),
            },
            "passed": passed,
            "failed": outcomes.len() - passed,
            "cases": outcomes.iter().map(object).collect::<Vec<_>>(),
        });
        return format::text(output, &answer);
    }
    if output == Format::Name {
        return Ok(format::lines(outcomes.iter().map(|outcome| printable(&outcome.name))));
    }
    if outcomes.is_empty() {
        let rules = if pack.rules().len() == 1 { "1 rule".to_owned() } else { format!("{} rules", pack.rules().len()) };
        let named = printable(&format!("{} {}", pack.id(), pack.version()));
        return Ok(format!("{named}: {rules}, {}\n", prefixed(pack.digest())));
    }
    let mut out = String::new();
    for outcome in outcomes {
        let word = if outcome.passed() { "pass" } else { "FAIL" };
        let answer = match &outcome.answer {
            Ok(verdict) => decided(verdict),
            Err(code) => format!("refused ({code})"),
        };
        let missed = if outcome.passed() { String::new() } else { format!("; expected {}", outcome.missed.join(", ")) };
        let _ = writeln!(out, "{word}  {}", printable(&format!("{}: {answer}{missed}", outcome.name)));
        if let Some(nearest) = &outcome.nearest {
            let _ = writeln!(out, "      {}", printable(&near(nearest)));
        }
    }
    Ok(out)
}

/// `deny by rule no-critical (critical_needs_a_person)`.
fn decided(verdict: &Verdict) -> String {
    let by = match &verdict.rule {
        Some(rule) => format!("by rule {rule}"),
        None => "by no rule".to_owned(),
    };
    format!("{} {by} ({})", verdict.decision, verdict.reason_code)
}

/// The nearest rule and what it misses.
fn near(nearest: &Nearest) -> String {
    if nearest.unmet.is_empty() {
        return format!("rule {} would have admitted it", nearest.rule);
    }
    let conditions: Vec<String> = nearest.unmet.iter().map(unmet).collect();
    format!("nearest is rule {}: {}", nearest.rule, conditions.join("; "))
}

fn unmet(unmet: &Unmet) -> String {
    let found = unmet.found.as_ref().map_or_else(|| "is not there".to_owned(), |found| format!("is {}", words::value(found)));
    let mut accepted: Vec<String> = unmet.accepted.iter().take(VALUES_MAX).map(words::value).collect();
    if unmet.accepted.len() > VALUES_MAX {
        accepted.push("…".to_owned());
    }
    format!("{} {found}, not {}", words::shown(&unmet.key), accepted.join(" or "))
}

fn object(outcome: &Outcome) -> Value {
    let (verdict, error) = match &outcome.answer {
        Ok(verdict) => (Some(verdict), None),
        Err(code) => (None, Some(code)),
    };
    json!({
        "name": outcome.name,
        "passed": outcome.passed(),
        "decision": verdict.map(|verdict| verdict.decision.as_str()),
        "rule": verdict.and_then(|verdict| verdict.rule.as_deref()),
        "reason": verdict.map(|verdict| verdict.reason_code.as_str()),
        "error": error,
        "missed": outcome.missed,
        "nearest": outcome.nearest.as_ref().map(|nearest| json!({
            "rule": nearest.rule,
            "effect": nearest.effect.as_str(),
            "unmet": nearest.unmet.iter().map(|unmet| json!({
                "key": unmet.key,
                "accepted": unmet.accepted,
                "found": unmet.found,
            })).collect::<Vec<_>>(),
        })),
    })
}
