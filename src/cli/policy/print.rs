//! The answer of `policy test`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::decided::as_json;
use super::super::exit::Failure;
use super::super::format::{self, Format};
use super::super::loaded::count;
use super::super::printable::printable;
use super::case::{Answer, Outcome};
use super::words;
use crate::admission::policy::{Effect, Nearest, Pack, Unmet, prefixed};

/// Most values of a condition that a line names.
const VALUES_MAX: usize = 8;

/// Everything that goes to stdout.
pub(super) fn text(output: Format, pack: Option<&Pack>, outcomes: &[Outcome]) -> Result<String, Failure> {
    if output.structured() {
        let passed = outcomes.iter().filter(|outcome| outcome.passed()).count();
        let answer = json!({
            "pack": pack.map(|pack| json!({
                "id": pack.id(),
                "version": pack.version(),
                "rules": pack.rules().len(),
                "digest": prefixed(pack.digest()),
            })),
            "passed": passed,
            "failed": outcomes.len() - passed,
            "cases": outcomes.iter().map(object).collect::<Vec<_>>(),
        });
        return format::text(output, &answer);
    }
    if output == Format::Name {
        return Ok(format::lines(outcomes.iter().map(|outcome| printable(&outcome.name))));
    }
    if let (Some(pack), true) = (pack, outcomes.is_empty()) {
        let named = printable(&format!("{} {}", pack.id(), pack.version()));
        return Ok(format!("{named}: {}, {}\n", count(pack.rules().len(), "rule"), prefixed(pack.digest())));
    }
    let mut out = String::new();
    for outcome in outcomes {
        let word = if outcome.passed() { "pass" } else { "FAIL" };
        let missed = if outcome.passed() { String::new() } else { format!("; expected {}", outcome.missed.join(", ")) };
        let _ = writeln!(out, "{word}  {}", printable(&format!("{}: {}{missed}", outcome.name, decided(&outcome.answer))));
        let below = match &outcome.answer {
            Answer::Verdict(_, nearest) => nearest.as_ref().map(near),
            Answer::Pair(decided) => decided.as_ref().as_ref().err().map(|denial| denial.message.clone()),
            Answer::Refused(_) => None,
        };
        if let Some(below) = below {
            let _ = writeln!(out, "      {}", printable(&below));
        }
    }
    Ok(out)
}

/// `deny by rule no-critical (critical_needs_a_person)`.
fn decided(answer: &Answer) -> String {
    let Some(decision) = answer.decision() else {
        return match answer {
            Answer::Refused(code) => format!("refused ({code})"),
            _ => String::new(),
        };
    };
    let by = answer.rule().map_or_else(|| "by no rule".to_owned(), |rule| format!("by rule {rule}"));
    let why = answer.reason().map_or_else(String::new, |reason| format!(" ({reason})"));
    format!("{decision} {by}{why}")
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
    let answer = &outcome.answer;
    let (nearest, pair, error) = match answer {
        Answer::Verdict(_, nearest) => (nearest.as_ref(), None, None),
        Answer::Pair(decided) => (None, Some(as_json(decided)), None),
        Answer::Refused(code) => (None, None, Some(code)),
    };
    json!({
        "name": outcome.name,
        "passed": outcome.passed(),
        "decision": answer.decision().map(Effect::as_str),
        "rule": answer.rule(),
        "reason": answer.reason(),
        "error": error,
        "missed": outcome.missed,
        "pair": pair,
        "nearest": nearest.map(|nearest| json!({
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
