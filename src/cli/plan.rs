//! `tecrax plan`: what would run and why, contacting nothing.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::args::PlanArgs;
use super::context::Context;
use super::decided;
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::loaded::{Loaded, count, exit_of, load_held};
use super::printable::printable;
use super::stamp::until;
use super::table::Table;
use crate::admission::{Decision, Denial};
use crate::api::{LastEvidence, PairId};
use crate::desired::{Desired, held_of};
use crate::engine::{source_id, wishes};
use crate::plan::{Mode, Planning, Why, planning};

/// Denials that are told in full.
const DENIALS: usize = 10;

/// Objects at their last good version that are told one by one.
const HELD: usize = 10;

/// Runs `plan`.
pub fn run(context: &Context<'_>, args: &PlanArgs) -> Result<Exit, Failure> {
    let mut loaded = load_held(context, &args.paths)?;
    decided::with_memory(context, &mut loaded, &args.paths)?;
    let judge = decided::judge(context, &loaded, args.policy)?;
    let last = last_evidence(context)?;
    let now = (context.now)();
    let asked = asked(context, &loaded.desired)?;
    let mut planning = planning(&loaded.desired, &last, now, Mode::Once).asked(|pair| asked.contains(pair), now);
    let decisions: Vec<_> = planning.entries.iter().map(|entry| judge.decide(&entry.plan)).collect();
    let exit = exit_of(&loaded.desired.problems);
    // What other manifests want is not removed by these.
    let mine = wanted_before(context, args)?;
    loaded.hidden.sort();
    planning.removed.retain(|pair| mine.binary_search(pair).is_ok() && loaded.hidden.binary_search(pair).is_err());
    context.problems(&loaded.desired.problems);
    if args.output.structured() {
        context.screen.data(&format::text(
            args.output,
            &context.screen.redactor().redact_json(as_json(&planning, &decisions, &loaded, now)),
        )?);
        return Ok(exit);
    }
    if args.output == Format::Name {
        let runs =
            planning.entries.iter().zip(&decisions).filter(|(entry, decision)| entry.timing.why.runs() && decision.is_ok());
        let names = format::lines(runs.map(|(entry, _)| &entry.pair.id));
        context.screen.data(&names);
        return Ok(exit);
    }
    let wide = args.output == Format::Wide;
    let mut headings = vec!["CHECK", "TARGET", "WHY", "RUNS", "NEXT", "POLICY"];
    if wide {
        headings.extend(["NAMESPACE", "INTENT", "READINGS", "PLAN"]);
    }
    let mut table = Table::new(&headings);
    for (entry, decision) in planning.entries.iter().zip(&decisions) {
        let runs = entry.timing.why.runs() && decision.is_ok();
        let mut cells = vec![
            entry.pair.id.check.to_string(),
            entry.pair.id.target.to_string(),
            entry.timing.why.reason().to_owned(),
            if runs { "yes" } else { "no" }.to_owned(),
            until(entry.timing.next, now),
            decided::cell(decision),
        ];
        if wide {
            cells.push(entry.pair.id.namespace.to_string());
            cells.push(entry.pair.check.intent.id.clone());
            cells.push(entry.plan.steps().len().to_string());
            cells.push(entry.plan.digest().short());
        }
        table.row(cells);
    }
    let without_plan = |pair: &PairId, why: &str, intent: &str| {
        let cells = [pair.check.as_str(), pair.target.as_str(), why, "no", "-", "-"];
        let more = [pair.namespace.as_str(), intent, "-", "-"];
        cells.iter().chain(more.iter().take(if wide { 4 } else { 0 })).map(ToString::to_string).collect::<Vec<_>>()
    };
    for pair in &planning.removed {
        table.row(without_plan(pair, Why::Removed.reason(), "-"));
    }
    let mut load_table = Table::new(&["TARGET", "PAIRS", "RUNS/HOUR"]);
    for ((_, target), load) in planning.load(now) {
        load_table.row([target.to_string(), load.pairs.to_string(), format!("{:.1}", load.runs_per_hour)]);
    }
    context.screen.data(&format!("{}\n{}", table.render(), load_table.render()));
    for held in loaded.held.iter().take(HELD) {
        context.screen.word(&printable(&format!("held: {held} has errors, told above: its last good version stays in force")));
    }
    if let Some(more) = loaded.held.len().checked_sub(HELD).filter(|more| *more > 0) {
        context.screen.word(&format!("{} more held at their last good version", count(more, "object")));
    }
    let denied = planning.entries.iter().zip(&decisions).filter_map(|(entry, decision)| Some((entry, decision.as_ref().err()?)));
    for (entry, denial) in denied.clone().take(DENIALS) {
        context.screen.word(&printable(&format!("denied: {}: {}", entry.pair.id, denial.message)));
    }
    if let Some(more) = denied.count().checked_sub(DENIALS).filter(|more| *more > 0) {
        context.screen.word(&format!("{more} more denied; -o json says why"));
    }
    context.screen.word(&format!(
        "{} of {} would run; nothing was contacted",
        planning.entries.iter().zip(&decisions).filter(|(entry, decision)| entry.timing.why.runs() && decision.is_ok()).count(),
        count(planning.entries.len(), "pair"),
    ));
    Ok(exit)
}

/// The latest run of every pair; nothing when there is no state yet.
fn last_evidence(context: &Context<'_>) -> Result<HashMap<PairId, LastEvidence>, Failure> {
    let Some(db) = context.db()? else { return Ok(HashMap::new()) };
    Ok(db.states()?.into_iter().filter_map(|(pair, state)| Some((pair, state.last?))).collect())
}

/// Pairs that somebody asks to run: by `tecrax run`, or by an annotation that nobody has read yet.
fn asked(context: &Context<'_>, desired: &Desired) -> Result<HashSet<PairId>, Failure> {
    let Some(db) = context.db()? else { return Ok(HashSet::new()) };
    let wishes = wishes(desired);
    let mut asked: HashSet<PairId> = db.requests()?.into_keys().collect();
    asked.extend(db.new_wishes(&wishes)?.into_iter().flat_map(|wish| wish.pairs.clone()));
    Ok(asked)
}

/// What these manifests, and no others, wanted when they were last reconciled; sorted.
fn wanted_before(context: &Context<'_>, args: &PlanArgs) -> Result<Vec<PairId>, Failure> {
    let Some(db) = context.db()? else { return Ok(Vec::new()) };
    let mut pairs = db.wanted_only_by(&source_id(&args.paths))?;
    pairs.sort();
    Ok(pairs)
}

fn as_json(planning: &Planning, decisions: &[Result<Decision, Denial>], loaded: &Loaded, now: jiff::Timestamp) -> Value {
    let pairs: Vec<Value> = planning
        .entries
        .iter()
        .zip(decisions)
        .map(|(entry, decision)| {
            let steps: Vec<Value> = entry
                .plan
                .steps()
                .iter()
                .map(|step| {
                    json!({
                        "step": step.id,
                        "connection": step.connection,
                        "shape": step.shape.action,
                        "request": step.shape.describe(),
                        "parameters": step.parameters,
                        "timeout": step.timeout,
                    })
                })
                .collect();
            json!({
                "namespace": entry.pair.id.namespace,
                "check": entry.pair.id.check,
                "target": entry.pair.id.target,
                "intent": entry.pair.check.intent.id,
                "why": entry.timing.why.reason(),
                "runs": entry.timing.why.runs() && decision.is_ok(),
                "held": held_of(&loaded.held, &entry.pair),
                "policy": decided::as_json(decision),
                "next": entry.timing.next.map(|next| next.to_string()),
                "planDigest": entry.plan.digest(),
                "steps": steps,
            })
        })
        .collect();
    let targets: Vec<Value> = planning
        .load(now)
        .into_iter()
        .map(|((namespace, name), load)| {
            json!({"namespace": namespace, "name": name, "pairs": load.pairs, "runsPerHour": load.runs_per_hour})
        })
        .collect();
    let removed: Vec<String> = planning.removed.iter().map(ToString::to_string).collect();
    json!({"pairs": pairs, "removed": removed, "targets": targets})
}
