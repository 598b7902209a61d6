//! `tecrax describe`: everything about one thing.

use std::fmt::Write as _;

use serde_json::Value;

use super::args::DescribeArgs;
use super::context::Context;
use super::describe_escalation;
use super::describe_sink;
use super::evidence::record_name;
use super::exit::{Exit, Failure};
use super::get::{absent, parse, views};
use super::loaded::count;
use super::printable::{printable, printable_lines};
use super::reruns;
use super::resource::assessment_word;
use super::said::Said;
use super::stamp::{ago, until};
use super::table::Table;
use super::tries;
use crate::api::{PairId, ReactionOutcome};
use crate::desired::Calendar;
use crate::profile::WorkflowStep;
use crate::status::{PairState, View, WantedCheck, WantedPolicy, WantedTarget};
use crate::store::{Db, DesiredRow};

/// Runs `describe`.
pub fn run(context: &Context<'_>, args: &DescribeArgs) -> Result<Exit, Failure> {
    let text = match args.name.split_once('/') {
        Some(("target" | "targets", name)) => target(context, args, name)?,
        Some(("check" | "checks", name)) => check(context, args, name)?,
        Some(("policy" | "policies", name)) => policy(context, args, name)?,
        Some(("escalation" | "escalations" | "esc", name)) => {
            describe_escalation::describe(context, &state(context, "escalation", name)?, &args.namespace, name)?
        }
        Some(("sink" | "sinks", name)) => sink(context, args, name)?,
        Some(("intent" | "intents", name)) => intent(context, name)?,
        Some(("observation" | "observations", name)) => pair(context, args, name)?,
        Some((kind, _)) => {
            return Err(Failure::new(Exit::Config, format!("unknown kind `{kind}`"))
                .help("use CHECK.TARGET, escalation/NAME, target/NAME, check/NAME, policy/NAME, sink/NAME or intent/NAME"));
        }
        None => pair(context, args, &args.name)?,
    };
    context.screen.data(&text);
    Ok(Exit::Ok)
}

/// Nothing can be found where nothing is recorded.
fn state(context: &Context<'_>, kind: &str, name: &str) -> Result<Db, Failure> {
    match context.db()? {
        Some(db) => Ok(db),
        None => Err(Failure::new(Exit::Config, format!("no {kind} named `{name}`")).help(context.nothing_yet()?)),
    }
}

fn pair(context: &Context<'_>, args: &DescribeArgs, name: &str) -> Result<String, Failure> {
    let db = state(context, "observation", name)?;
    let views = views(context, &db)?;
    let id = PairId::parse(&format!("{}/{name}", args.namespace));
    let wanted = id.as_ref().and_then(|id| views.iter().find(|view| view.pair == *id));
    if wanted.is_none()
        && let Some(id) = &id
        && let Some(state) = db.state(id)?
    {
        let message = format!("no observation named `{name}` any more: its {} stay in the log", count(seq(&state), "record"));
        return Err(Failure::new(Exit::Config, message).help("`tecrax get observations` lists what is wanted"));
    }
    let known: Vec<String> = views
        .iter()
        .filter(|view| view.pair.namespace.as_str() == args.namespace)
        .map(|view| view.pair.observation_name())
        .collect();
    let Some(view) = wanted else { return Err(absent("observation", name, &[name], &known)) };
    let state = db.state(&view.pair)?;
    let mut out = String::new();
    heading(&mut out, context, view, state.as_ref());
    findings(&mut out, view);
    if let Some(state) = &state {
        if let Some(reruns) = reruns::of_last_run(&db, state)? {
            let _ = write!(out, "\nReruns:\n{}", indent(&reruns));
        }
        recorded(&mut out, &db, state)?;
    }
    Ok(out)
}

fn seq(state: &PairState) -> usize {
    usize::try_from(state.seq).unwrap_or(usize::MAX)
}

fn heading(out: &mut String, context: &Context<'_>, view: &View, state: Option<&PairState>) {
    let now = (context.now)();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{:<15}{}", format!("{name}:"), printable(&value));
    };
    line("Name", view.pair.observation_name());
    line("Namespace", view.pair.namespace.to_string());
    line("Intent", view.intent.clone());
    if !view.labels.is_empty() {
        line("Labels", view.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", "));
    }
    line("Assessment", format!("{} ({})", assessment_word(view), view.reason));
    line("Why", view.why.clone());
    line("Since", ago(view.since, now));
    line("Last healthy", ago(state.and_then(|state| state.last_healthy), now));
    line("Last run", ago(view.last_run, now));
    line("Next run", until(view.next_run, now));
    if let Some(denied) = &view.denied {
        line("Denied", denied.clone());
    }
    if let Some(stalled) = &view.stalled {
        line("Stalled", stalled.clone());
    }
    line("Reaction", view.reaction.map_or("-", ReactionOutcome::as_str).to_owned());
    if view.fixtures {
        line("Fixtures", "yes: the readings are recorded, not real".to_owned());
    }
    for sentence in &view.not_in_effect {
        line("Not in effect", sentence.clone());
    }
    let Some(status) = state.and_then(|state| state.status.as_ref()) else { return };
    line("Reaction rule", format!("{} ({})", status.reaction.rule, status.reaction.reason));
    let mut table = Table::new(&["CONDITION", "STATUS", "REASON", "CHANGED"]);
    for condition in &status.conditions {
        table.row([
            condition.r#type.as_str().to_owned(),
            format!("{:?}", condition.status),
            condition.reason.clone(),
            condition.last_transition_time.clone(),
        ]);
    }
    let _ = write!(out, "\nConditions:\n{}", indent(&table.render()));
    if status.history.len() > 1 {
        let mut table = Table::new(&["ASSESSMENT", "REASON", "SINCE"]);
        for entry in &status.history {
            table.row([entry.assessment.as_str().to_owned(), entry.reason.clone(), entry.since.clone()]);
        }
        let _ = write!(out, "\nHistory:\n{}", indent(&table.render()));
    }
}

fn findings(out: &mut String, view: &View) {
    if view.findings.is_empty() {
        return;
    }
    out.push_str("\nFindings:\n");
    for finding in &view.findings {
        let _ = writeln!(out, "  {}: {}", printable(&finding.reason_code), printable(&finding.message));
        if let Some(step) = &finding.next_step {
            let _ = writeln!(out, "    next: {}", printable(step));
        }
    }
}

/// What the last run's record says: readings, facts, provenance.
fn recorded(out: &mut String, db: &Db, state: &PairState) -> Result<(), Failure> {
    let Some(last) = &state.last else { return Ok(()) };
    let Some(record) = db.record(&state.pair.clone().into(), last.seq)? else {
        let _ = write!(
            out,
            "\nEvidence:\n  Sequence:    {}\n  Dropped:     by retention; what it came to is sealed in the log\n",
            last.seq
        );
        return Ok(());
    };
    let said = Said::of(db, &record)?;
    let mut table = Table::new(&["READING", "OUTCOME", "EXIT", "MS", "TRIES", "SHAPE"]);
    for reading in said.receipt.pointer("/tecrax/readings").and_then(Value::as_array).into_iter().flatten() {
        let cell = |key: &str| match reading.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => "-".to_owned(),
            Some(other) => other.to_string(),
        };
        let shape: String = said.shape(&cell("step")).chars().take(12).collect();
        table.row([cell("step"), cell("outcome"), cell("exit_code"), cell("took_ms"), cell("attempts"), shape]);
    }
    let _ = write!(out, "\nReadings:\n{}", indent(&table.render()));
    if let Some(tries) = tries::failed(&said) {
        let _ = write!(out, "\nFailed tries:\n{}", indent(&tries));
    }
    if let Some(facts) = said.facts()
        && let Ok(facts) = serde_yaml::to_string(facts)
    {
        let _ = write!(out, "\nFacts:\n{}", indent(&printable_lines(&facts)));
    }
    let text = |pointer: &str| said.receipt.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
    let from = |key: &str| text(&format!("/tecrax/provenance/{key}"));
    let dirty = said.receipt.pointer("/tecrax/provenance/git_dirty") == Some(&Value::Bool(true));
    let revision = match from("git_revision").as_str() {
        "-" => "none (not in a Git work tree)".to_owned(),
        revision if dirty => format!("{revision} (with local changes)"),
        revision => revision.to_owned(),
    };
    out.push_str("\nEvidence:\n");
    for (name, value) in [
        ("Log index", record.index.to_string()),
        ("Sequence", record.header.seq.to_string()),
        ("Leaf", record.leaf.to_string()),
        ("Plan", last.plan_digest.to_string()),
        ("Admitted by", said.rule()),
        ("Bounds", said.bounds()),
        ("Policy", said.policy_digest()),
        ("Manifests", from("manifest_digest")),
        ("Revision", revision),
        ("Profile", from("profile_digest")),
        ("Tool", format!("tecrax {}", from("tool_version"))),
        ("Sandbox", text("/tecrax/sandbox_level")),
        ("More", format!("tecrax evidence show {}", record_name(&record.header.subject, record.header.seq))),
    ] {
        let _ = writeln!(out, "  {:<13}{}", format!("{name}:"), printable(&value));
    }
    Ok(())
}

/// The row of that name; `others` are names that exist besides the rows.
fn find(db: &Db, kind: &'static str, args: &DescribeArgs, name: &str, others: &[String]) -> Result<DesiredRow, Failure> {
    let rows = db.desired(kind)?;
    let here = rows.iter().filter(|row| row.namespace == args.namespace);
    let known: Vec<String> = here.map(|row| &row.name).chain(others).cloned().collect();
    rows.into_iter()
        .find(|row| row.name == name && row.namespace == args.namespace)
        .ok_or_else(|| absent(&kind.to_lowercase(), name, &[name], &known))
}

fn pairs_table<'a>(views: impl Iterator<Item = &'a View>, now: jiff::Timestamp) -> String {
    let mut table = Table::new(&["PAIR", "ASSESSMENT", "REACTION", "LAST-RUN", "WHY"]);
    for view in views {
        table.row([
            view.pair.observation_name(),
            assessment_word(view),
            view.reaction.map_or("-", ReactionOutcome::as_str).to_owned(),
            ago(view.last_run, now),
            format!("{}: {}", view.reason, view.why),
        ]);
    }
    if table.is_empty() { "  none\n".to_owned() } else { indent(&table.render()) }
}

fn target(context: &Context<'_>, args: &DescribeArgs, name: &str) -> Result<String, Failure> {
    let db = state(context, "target", name)?;
    let row = find(&db, "Target", args, name, &[])?;
    let target: WantedTarget = parse(&row)?;
    let views = views(context, &db)?;
    let mine: Vec<&View> = views
        .iter()
        .filter(|view| view.pair.namespace.as_str() == row.namespace && view.pair.target.as_str() == row.name)
        .collect();
    let seen = crate::status::target_view(mine.iter().copied());
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{:<15}{}", format!("{name}:"), printable(&value));
    };
    line("Name", row.name.clone());
    line("Namespace", row.namespace.clone());
    line("Type", target.r#type.clone());
    line("Labels", target.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", "));
    line("Declared at", target.place.clone());
    if let Some(set) = &target.set {
        line("TargetSet", set.clone());
    }
    line("Suspended", target.suspended.to_string());
    line("Reachable", format!("{:?} ({})", seen.reachable, seen.reason));
    line("Connections", target.connections.iter().map(|(role, kind)| format!("{role}={kind}")).collect::<Vec<_>>().join(", "));
    for sentence in &target.not_in_effect {
        line("Not in effect", sentence.clone());
    }
    let _ = write!(out, "\nPairs:\n{}", pairs_table(mine.into_iter(), (context.now)()));
    Ok(out)
}

fn check(context: &Context<'_>, args: &DescribeArgs, name: &str) -> Result<String, Failure> {
    let db = state(context, "check", name)?;
    let row = find(&db, "Check", args, name, &[])?;
    let check: WantedCheck = parse(&row)?;
    let views = views(context, &db)?;
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{:<15}{}", format!("{name}:"), printable(&value));
    };
    line("Name", row.name.clone());
    line("Namespace", row.namespace.clone());
    line("Intent", check.intent.clone());
    line("Declared at", check.place.clone());
    if let Some(interval) = check.interval {
        line("Interval", interval.to_string());
    }
    if let Some(schedule) = check.schedule.as_ref().map(Calendar::schedule) {
        line("Schedule", format!("{} ({})", schedule.cron, schedule.time_zone.as_deref().unwrap_or("UTC")));
    }
    line("Suspended", check.suspended.to_string());
    if let Some(runbook) = &check.runbook_url {
        line("Runbook", runbook.clone());
    }
    for sentence in &check.not_in_effect {
        line("Not in effect", sentence.clone());
    }
    let mine = views.iter().filter(|view| view.pair.namespace.as_str() == row.namespace && view.pair.check.as_str() == row.name);
    let _ = write!(out, "\nPairs:\n{}", pairs_table(mine, (context.now)()));
    Ok(out)
}

fn policy(context: &Context<'_>, args: &DescribeArgs, name: &str) -> Result<String, Failure> {
    let db = state(context, "policy", name)?;
    let row = find(&db, "Policy", args, name, &[])?;
    let policy: WantedPolicy = parse(&row)?;
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{:<15}{}", format!("{name}:"), printable(&value));
    };
    line("Name", row.name.clone());
    line("Namespace", row.namespace.clone());
    line("Labels", policy.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", "));
    line("Declared at", policy.place.clone());
    line(
        "Ready",
        policy.unusable.as_ref().map_or_else(|| "yes".to_owned(), |why| format!("no: {why}; what it selects is denied")),
    );
    line("Pairs", policy.pairs.to_string());
    let mut table = Table::new(&["RULE", "EFFECT"]);
    for (rule, effect) in &policy.rules {
        table.row([rule.clone(), effect.clone()]);
    }
    let rules = if table.is_empty() { "  none\n".to_owned() } else { indent(&table.render()) };
    let _ = write!(out, "\nRules, in the order in which they decide:\n{rules}");
    Ok(out)
}

fn sink(context: &Context<'_>, args: &DescribeArgs, name: &str) -> Result<String, Failure> {
    let db = state(context, "sink", name)?;
    let row = find(&db, "Sink", args, name, &[])?;
    describe_sink::describe(context, &db, &row, &parse(&row)?)
}

fn intent(context: &Context<'_>, name: &str) -> Result<String, Failure> {
    let profile = context.profile()?;
    let Some(intent) = profile.intents.get(name) else {
        let known: Vec<String> = profile.intents.keys().cloned().collect();
        return Err(absent("intent", name, &[name], &known));
    };
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "{:<15}{}", format!("{name}:"), value);
    };
    line("Name", &intent.id);
    line("Title", &intent.title);
    line("Summary", &intent.summary);
    line("Facts", &intent.contract.to_string());
    line("Runbook", &intent.runbook);
    line("Digest", &intent.digest.to_string());
    let mut table = Table::new(&["READING", "ROLE", "TIMEOUT", "ARGV"]);
    for step in &intent.workflow.steps {
        if let WorkflowStep::Read { id, connector, shape, timeout } = step {
            table.row([id.clone(), connector.role.name.to_string(), timeout.to_string(), shape.line()]);
        }
    }
    let _ = write!(out, "\nReadings:\n{}", indent(&table.render()));
    Ok(out)
}

fn indent(text: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "  {line}");
        out
    })
}
