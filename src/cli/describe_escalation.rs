//! `tecrax describe escalation/NAME`.

use std::fmt::Write as _;

use super::context::Context;
use super::escalation::{self, Shown};
use super::exit::Failure;
use super::get::absent;
use super::printable::printable;
use super::stamp::{ago, until};
use super::table::Table;
use crate::reaction::escalation::{Context as Backdrop, Matter};
use crate::store::Db;

/// Everything about one Escalation.
///
/// # Errors
/// The store's; 78 when there is none of that name.
pub fn describe(context: &Context<'_>, db: &Db, namespace: &str, name: &str) -> Result<String, Failure> {
    let all = escalation::all(context, db)?;
    let here: Vec<&Shown> = all.iter().filter(|shown| shown.state.id.namespace.as_str() == namespace).collect();
    let Some(shown) = here.iter().find(|shown| shown.state.id.name.as_str() == name) else {
        let known: Vec<String> = here.iter().map(|shown| shown.state.id.name.to_string()).collect();
        return Err(absent("escalation", name, &[name], &known));
    };
    let mut out = String::new();
    heading(&mut out, shown, (context.now)());
    around(&mut out, &shown.matter);
    claims(&mut out, &shown.matter);
    members(&mut out, &shown.matter);
    changes(&mut out, &shown.matter.context);
    evidence(&mut out, shown);
    Ok(out)
}

fn heading(out: &mut String, shown: &Shown, now: jiff::Timestamp) {
    let Shown { state, matter } = shown;
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{:<15}{}", format!("{name}:"), printable(&value));
    };
    line("Name", state.id.name.to_string());
    line("Namespace", state.id.namespace.to_string());
    line("Summary", matter.summary.clone());
    line("State", shown.stands());
    line("Severity", format!("{:?}", matter.severity));
    if let Some(target) = &matter.target {
        line("Target", target.to_string());
    }
    line("Finding", matter.key.to_string());
    line("Says", matter.finding.message.clone());
    if let Some(step) = &matter.finding.next_step {
        line("Next step", step.clone());
    }
    if let Some(runbook) = &matter.runbook {
        line("Runbook", runbook.clone());
    }
    line("Incident", matter.incident.to_string());
    line("First seen", format!("{} ({} ago)", matter.first_seen, ago(Some(matter.first_seen), now)));
    line("Last seen", format!("{} ({} ago)", matter.last_seen, ago(Some(matter.last_seen), now)));
    if let Some(at) = matter.resolved_at {
        line("Resolved", format!("{at} ({} ago)", ago(Some(at), now)));
    }
    if let Some(suppressed) = &matter.suppressed {
        let ends = suppressed.until.map(|at| format!("; ends {} at the latest", until(Some(at), now))).unwrap_or_default();
        line("Suppressed", format!("{} by {}{ends}", suppressed.reason.as_str(), suppressed.by));
    }
    if let Some(said) = &matter.acknowledged {
        line("Acknowledged", format!("by {}: {}; ends {}", said.by, said.reason, until(Some(said.expires), now)));
    }
}

fn claims(out: &mut String, matter: &Matter) {
    if matter.claims.is_empty() {
        return;
    }
    let mut table = Table::new(&["CHECK", "SINCE", "LAST-SEEN", "RUNS"]);
    for claim in &matter.claims {
        let runs = format!("{} of {}", claim.seen, claim.runs);
        table.row([claim.check.to_string(), claim.since.to_string(), claim.last_seen.to_string(), runs]);
    }
    section(out, "Claimed by", &table.render());
}

fn members(out: &mut String, matter: &Matter) {
    let Some(members) = &matter.members else { return };
    let mut names = String::new();
    for name in &members.names {
        let _ = writeln!(names, "{name}");
    }
    let more = members.total.saturating_sub(u64::try_from(members.names.len()).unwrap_or(u64::MAX));
    if more > 0 {
        let _ = writeln!(names, "and {more} more");
    }
    section(out, "Stands for", &names);
}

fn around(out: &mut String, matter: &Matter) {
    let context = &matter.context;
    let parents: Vec<String> = context
        .parents
        .iter()
        .map(|parent| {
            let stands = match parent.lost {
                Some(true) => "gives no answer",
                Some(false) => "answers",
                None => "nobody looks at it",
            };
            format!("{} ({stands})", parent.name)
        })
        .collect();
    let others: Vec<String> = context.others.iter().map(ToString::to_string).collect();
    let more = context.others_total.saturating_sub(u64::try_from(others.len()).unwrap_or(u64::MAX));
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{:<15}{}", format!("{name}:"), printable(&value));
    };
    if let Some(run) = context.run.as_ref().filter(|_| matter.target.is_none()) {
        line("Began with", run.pair.clone());
    }
    if let Some(at) = context.last_healthy {
        line("Last healthy", at.to_string());
    }
    if !parents.is_empty() {
        line("Parents", parents.join(", "));
    }
    if !others.is_empty() {
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        line("Also on", format!("{}{more}", others.join(", ")));
    }
}

fn changes(out: &mut String, context: &Backdrop) {
    let title = "Changed since it was healthy, when this was opened";
    if let Some(why) = context.uncompared {
        section(out, title, why.as_sentence());
    }
    if context.changes.is_empty() {
        return;
    }
    let mut table = Table::new(&["FACT", "WAS", "NOW"]);
    for change in &context.changes {
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
        table.row([change.path.clone(), or_none(&change.was), or_none(&change.now)]);
    }
    let more = context.changes_total.saturating_sub(u64::try_from(context.changes.len()).unwrap_or(u64::MAX));
    let more = if more > 0 { format!("and {more} more\n") } else { String::new() };
    section(out, title, &(table.render() + &more));
}

fn evidence(out: &mut String, shown: &Shown) {
    let Shown { state, matter } = shown;
    let mut lines = format!("Records:     tecrax evidence list escalation/{}\n", state.id);
    if let Some(run) = &matter.context.run {
        let _ = writeln!(lines, "Run:         {}/{}@{}", state.id.namespace, run.pair, run.seq);
        let _ = writeln!(lines, "Log index:   {}", run.index);
        let _ = writeln!(lines, "Leaf:        {}", run.leaf);
        if let Some(checkpoint) = &run.checkpoint {
            let _ = writeln!(lines, "Checkpoint:  {checkpoint}");
        }
    }
    if !matter.context.explain.is_empty() {
        let _ = writeln!(lines, "More:        {}", matter.context.explain);
    }
    section(out, "Evidence", &lines);
}

fn section(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "\n{name}:\n");
    for line in text.lines() {
        let _ = writeln!(out, "  {}", printable(line));
    }
}
