//! What `tecrax reaction test` prints.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::evidence::args::VerifyFormat;
use super::super::exit::Failure;
use super::super::format::{self, Format};
use super::super::loaded::count;
use super::super::printable::printable;
use super::findings::{OtherFinding, Stands};
use super::test::{Difference, Tally};
use crate::api::ReactionStatus;

/// `tally` as text or JSON.
pub fn print(output: VerifyFormat, tally: &Tally) -> Result<String, Failure> {
    match output {
        VerifyFormat::Json => format::text(Format::Json, &as_json(tally)),
        VerifyFormat::Text => Ok(as_text(tally)),
    }
}

fn as_text(tally: &Tally) -> String {
    let mut out = String::new();
    for Difference { pair, seq, at, was, would_be, findings } in &tally.differences {
        let _ = writeln!(out, "{pair}@{seq} at {at}");
        let _ = writeln!(out, "  was:      {}", printable(&words(was)));
        let _ = writeln!(out, "  would be: {}", printable(&words(would_be)));
        for OtherFinding { key, was, would_be } in findings {
            let line = format!("{key}: was {}, would be {}", stands(*was), stands(*would_be));
            let _ = writeln!(out, "  finding:  {}", printable(&line));
        }
    }
    let more = tally.different.saturating_sub(number(tally.differences.len()));
    if more > 0 {
        let _ = writeln!(out, "and {more} more");
    }
    let decisions = count(usize::try_from(tally.decisions).unwrap_or(usize::MAX), "decision");
    let verdict = match tally.different {
        0 => "all would be the same".to_owned(),
        different => format!("{different} would differ"),
    };
    let _ = writeln!(out, "{decisions} of {}: {verdict}", count(tally.pairs, "pair"));
    if tally.not_reached > 0 {
        let _ = writeln!(out, "{} of reruns that would not have been", tally.not_reached);
    }
    if tally.forgotten > 0 {
        let _ = writeln!(out, "{} not tried: what they were made from was dropped by retention", tally.forgotten);
    }
    out
}

/// Where a finding stands.
fn stands(stands: Option<Stands>) -> String {
    stands.map_or_else(|| "unknown".to_owned(), |(stage, severity)| format!("{}, {}", stage.as_str(), severity.as_str()))
}

/// A decision in one line.
pub fn words(reaction: &ReactionStatus) -> String {
    let intent = reaction.intent.as_ref().map(|intent| format!(" {intent}")).unwrap_or_default();
    format!("{}{intent} ({}), rule {}", reaction.outcome.as_str(), reaction.reason, reaction.rule)
}

fn as_json(tally: &Tally) -> Value {
    let differences: Vec<Value> = tally
        .differences
        .iter()
        .map(|difference| {
            json!({
                "pair": difference.pair.to_string(),
                "seq": difference.seq,
                "at": difference.at,
                "was": difference.was,
                "wouldBe": difference.would_be,
                "findings": difference.findings.iter().map(finding).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "pairs": tally.pairs,
        "decisions": tally.decisions,
        "different": tally.different,
        "notReached": tally.not_reached,
        "forgotten": tally.forgotten,
        "differences": differences,
    })
}

fn finding(finding: &OtherFinding) -> Value {
    let stands = |stands: Option<Stands>| stands.map(|(stage, severity)| json!({"stage": stage, "severity": severity}));
    json!({"key": finding.key, "was": stands(finding.was), "wouldBe": stands(finding.would_be)})
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
