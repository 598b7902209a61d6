//! `tecrax status`: the state of everything in a few lines.

use std::fmt::Write as _;

use serde_json::json;

use super::args::StatusArgs;
use super::context::Context;
use super::exit::{Exit, Failure};
use super::format;
use super::get::views;
use super::loaded::count;
use super::table::Table;
use crate::api::Assessment;
use crate::status::{Counts, RollUp, roll_up};

/// Line 1, whatever else there is to say.
const SENTENCE: &str = "tecrax only reads: it runs the closed list of shapes of its profile and can not change a target.";

/// Runs `status`. The exit code is that of what stands, as after `reconcile --once`.
pub fn run(context: &Context<'_>, args: &StatusArgs) -> Result<Exit, Failure> {
    let db = context.db()?;
    let views = match &db {
        Some(db) => views(context, db)?,
        None => Vec::new(),
    };
    let rolled = roll_up(&views);
    let exit = Exit::of_counts(&rolled.all);
    let partly = views.iter().filter(|view| !view.not_in_effect.is_empty()).count();
    if args.output.structured() {
        context.screen.data(&format::text(args.output, &as_json(&rolled, partly))?);
        return Ok(exit);
    }
    let mut out = format!("{SENTENCE}\n{}\n", line(&rolled.all));
    if partly > 0 {
        let _ = writeln!(out, "{} without effect in this version", declares(partly));
    }
    for (title, rows) in [("CHECK", &rolled.by_check), ("LABEL", &rolled.by_label)] {
        let mut table = Table::new(&[title, "PAIRS", "HEALTHY", "UNKNOWN", "DEGRADED", "UNHEALTHY"]);
        for (name, counts) in rows {
            let numbers = [counts.total(), counts.healthy, counts.unknown, counts.degraded, counts.unhealthy];
            table.row(std::iter::once(name.clone()).chain(numbers.map(|number| number.to_string())));
        }
        if !table.is_empty() {
            out.push('\n');
            out.push_str(&table.render());
        }
    }
    let mut worst = Table::new(&["WORST", "ASSESSMENT", "WHY"]);
    for view in &rolled.worst {
        worst.row([view.pair.observation_name(), view.assessment.as_str().to_owned(), format!("{}: {}", view.reason, view.why)]);
    }
    if !worst.is_empty() {
        out.push('\n');
        out.push_str(&worst.render());
    }
    context.screen.data(&out);
    if db.is_none() {
        context.screen.word(&context.nothing_yet()?);
    }
    Ok(exit)
}

/// `1 pair declares something`, `3 pairs declare something`.
fn declares(pairs: usize) -> String {
    format!("{} {} something", count(pairs, "pair"), if pairs == 1 { "declares" } else { "declare" })
}

fn line(counts: &Counts) -> String {
    let mut text = format!(
        "{}: {} healthy, {} unknown, {} degraded, {} unhealthy",
        count(counts.total(), "pair"),
        counts.healthy,
        counts.unknown,
        counts.degraded,
        counts.unhealthy
    );
    if counts.accepted > 0 {
        text = format!("{text}; {} accepted", counts.accepted);
    }
    if counts.suspended > 0 {
        text = format!("{text}; {} suspended", counts.suspended);
    }
    text
}

fn as_json(rolled: &RollUp, partly: usize) -> serde_json::Value {
    let counts = |counts: &Counts| {
        json!({
            "pairs": counts.total(),
            "healthy": counts.healthy,
            "unknown": counts.unknown,
            "degraded": counts.degraded,
            "unhealthy": counts.unhealthy,
            "accepted": counts.accepted,
            "suspended": counts.suspended,
            "worst": counts.worst().map(Assessment::as_str),
        })
    };
    let map = |rows: &std::collections::BTreeMap<String, Counts>| {
        rows.iter().map(|(name, row)| (name.clone(), counts(row))).collect::<serde_json::Map<_, _>>()
    };
    let worst: Vec<_> = rolled
        .worst
        .iter()
        .map(|view| json!({"pair": view.pair.to_string(), "assessment": view.assessment, "reason": view.reason, "why": view.why}))
        .collect();
    json!({
        "readOnly": true,
        "all": counts(&rolled.all),
        "notInEffect": partly,
        "byCheck": map(&rolled.by_check),
        "byLabel": map(&rolled.by_label),
        "worst": worst,
    })
}
