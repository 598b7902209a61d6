//! `tecrax get`: lists.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::args::{GetArgs, Resource, SortBy};
use super::context::Context;
use super::exit::{Exit, Failure};
use super::format::{self, Format};
use super::resource;
use super::signal;
use super::stamp::{ago, until};
use super::table::Table;
use crate::api::{API_VERSION, Assessment, ConditionStatus, LabelSelector, Labels, ReactionOutcome, uid};
use crate::plan::Mode;
use crate::status::{Counts, View, Wanted, WantedCheck, WantedTarget, target_view, view};
use crate::store::{Db, DesiredRow};

/// Runs `get`.
pub fn run(context: &Context<'_>, args: &GetArgs) -> Result<Exit, Failure> {
    let selector = args.selector.as_deref().map(super::selector::parse).transpose()?;
    if args.watch {
        return follow(context, args, selector.as_ref());
    }
    let (text, found) = list(context, args, selector.as_ref())?;
    context.screen.data(&text);
    if !found {
        if let Some(name) = args.names.first() {
            return Err(
                Failure::new(Exit::Failing, format!("nothing named `{name}` here")).help("`tecrax get` lists what there is")
            );
        }
        if !context.global.quiet {
            context.screen.word(if args.problems {
                "no problems"
            } else {
                "nothing here yet; run `tecrax reconcile --once PATH`"
            });
        }
    }
    Ok(Exit::Ok)
}

/// Prints the list again whenever it says something else, until interrupted.
fn follow(context: &Context<'_>, args: &GetArgs, selector: Option<&LabelSelector>) -> Result<Exit, Failure> {
    /// How often the state is read.
    const EVERY: std::time::Duration = std::time::Duration::from_secs(1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Io, format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let stop = signal::terminated();
        tokio::pin!(stop);
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut first = true;
        loop {
            let (text, _) = list(context, args, selector)?;
            let mut lines = text.lines();
            let mut out = String::new();
            if args.output.structured() {
                if seen.insert(String::new(), text.clone()).as_ref() != Some(&text) {
                    out.clone_from(&text);
                }
            } else {
                let heading = lines.next().unwrap_or_default();
                if first {
                    out.push_str(heading);
                    out.push('\n');
                }
                for line in lines {
                    let mut words = line.split_whitespace();
                    let key = words.next().unwrap_or_default().to_owned();
                    // Ages move all the time; a row is news when its meaning changes.
                    let meaning: String = words.take(3).collect::<Vec<_>>().join(" ");
                    if seen.insert(key, meaning.clone()).as_ref() != Some(&meaning) {
                        out.push_str(line);
                        out.push('\n');
                    }
                }
            }
            first = false;
            if !out.is_empty() {
                context.screen.data(&out);
            }
            tokio::select! {
                () = &mut stop => return Ok(Exit::Ok),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    })
}

/// The list as text, and whether anything is in it.
fn list(context: &Context<'_>, args: &GetArgs, selector: Option<&LabelSelector>) -> Result<(String, bool), Failure> {
    match args.resource {
        Resource::Observations => observations(context, args, selector),
        Resource::Targets => targets(context, args, selector),
        Resource::Checks => checks(context, args, selector),
        Resource::Intents => intents(context, args),
    }
}

/// Every pair as it stands now.
pub fn views(context: &Context<'_>, db: &Db) -> Result<Vec<View>, Failure> {
    let states = db.states()?;
    let now = (context.now)();
    db.desired("Pair")?
        .iter()
        .map(|row| {
            let wanted: Wanted = parse(row)?;
            Ok(view(&wanted, states.get(&wanted.pair), now, Mode::Watch))
        })
        .collect()
}

/// The value of a row.
pub fn parse<T: serde::de::DeserializeOwned>(row: &DesiredRow) -> Result<T, Failure> {
    serde_json::from_str(&row.value).map_err(|error| {
        Failure::new(Exit::Io, format!("damaged row {} {}: {error}", row.kind, row.name))
            .help("run `tecrax reconcile --once PATH` again")
    })
}

fn selected(args: &GetArgs, selector: Option<&LabelSelector>, namespace: &str, name: &str, labels: &Labels) -> bool {
    args.namespace.as_deref().is_none_or(|wanted| wanted == namespace)
        && (args.names.is_empty() || args.names.iter().any(|wanted| wanted == name))
        && selector.is_none_or(|selector| selector.matches(labels))
}

fn observations(context: &Context<'_>, args: &GetArgs, selector: Option<&LabelSelector>) -> Result<(String, bool), Failure> {
    let db = context.db()?;
    let mut views: Vec<View> = views(context, &db)?
        .into_iter()
        .filter(|view| selected(args, selector, view.pair.namespace.as_str(), &view.pair.observation_name(), &view.labels))
        .filter(|view| !args.problems || (view.assessment != Assessment::Healthy && !view.suspended))
        .collect();
    match args.sort_by {
        SortBy::Name => {}
        SortBy::Assessment => views.sort_by_key(|view| std::cmp::Reverse(view.assessment)),
        SortBy::Since => views.sort_by_key(|view| std::cmp::Reverse(view.since)),
        SortBy::LastRun => views.sort_by_key(|view| std::cmp::Reverse(view.last_run)),
    }
    let found = !views.is_empty();
    if args.output.structured() {
        let single = args.names.len() == 1;
        return Ok((format::objects(args.output, resource::observations(&db, &views)?, single)?, found));
    }
    if args.output == Format::Name {
        let names = views.iter().map(|view| format!("observation/{}", view.pair.observation_name()));
        return Ok((format::lines(names), found));
    }
    let wide = args.output == Format::Wide;
    let mut headings = vec!["NAME", "ASSESSMENT", "REACTION", "READY", "SINCE", "LAST-RUN", "NEXT"];
    if wide {
        headings.extend(["NAMESPACE", "INTENT", "REASON", "WHY"]);
    }
    let now = (context.now)();
    let mut table = Table::new(&headings);
    for view in &views {
        let mut cells = vec![
            view.pair.observation_name(),
            resource::assessment_word(view),
            view.reaction.map_or("-", ReactionOutcome::as_str).to_owned(),
            view.ready.map_or_else(|why| format!("False/{why}"), |()| "True".to_owned()),
            ago(view.since, now),
            ago(view.last_run, now),
            until(view.next_run, now),
        ];
        if wide {
            cells.extend([view.pair.namespace.to_string(), view.intent.clone(), view.reason.clone(), view.why.clone()]);
        }
        table.row(cells);
    }
    Ok((if found { table.render() } else { String::new() }, found))
}

fn targets(context: &Context<'_>, args: &GetArgs, selector: Option<&LabelSelector>) -> Result<(String, bool), Failure> {
    let db = context.db()?;
    let views = views(context, &db)?;
    let mut table = Table::new(&["NAME", "TYPE", "REACHABLE", "PAIRS", "WORST", "CONNECTIONS"]);
    let mut items = Vec::new();
    let mut names = Vec::new();
    for row in db.desired("Target")? {
        let target: WantedTarget = parse(&row)?;
        if !selected(args, selector, &row.namespace, &row.name, &target.labels) {
            continue;
        }
        let mine =
            || views.iter().filter(|view| view.pair.namespace.as_str() == row.namespace && view.pair.target.as_str() == row.name);
        let seen = target_view(mine());
        let mut counts = Counts::default();
        mine().for_each(|view| counts.add(view));
        if args.problems && seen.reachable == ConditionStatus::True && counts.worst() == Some(Assessment::Healthy) {
            continue;
        }
        names.push(format!("target/{}", row.name));
        let reachable = match seen.reachable {
            ConditionStatus::True => "True".to_owned(),
            ConditionStatus::False => format!("False/{}", seen.reason),
            ConditionStatus::Unknown => "Unknown".to_owned(),
        };
        let connections: Vec<String> = target.connections.iter().map(|(role, kind)| format!("{role}={kind}")).collect();
        table.row([
            row.name.clone(),
            target.r#type.clone(),
            reachable,
            seen.pairs.to_string(),
            counts.worst().map_or("-", Assessment::as_str).to_owned(),
            connections.join(","),
        ]);
        items.push(object(
            "Target",
            &row,
            &target.labels,
            json!({"type": target.r#type, "suspend": target.suspended}),
            json!({
                "conditions": [{"type": "Reachable", "status": seen.reachable, "reason": seen.reason}],
                "place": target.place,
                "notInEffect": target.not_in_effect,
            }),
        ));
    }
    finish(args, &table, items, &names)
}

fn checks(context: &Context<'_>, args: &GetArgs, selector: Option<&LabelSelector>) -> Result<(String, bool), Failure> {
    let db = context.db()?;
    let views = views(context, &db)?;
    let mut table = Table::new(&["NAME", "INTENT", "CADENCE", "TARGETS", "HEALTHY", "WORST"]);
    let mut items = Vec::new();
    let mut names = Vec::new();
    for row in db.desired("Check")? {
        let check: WantedCheck = parse(&row)?;
        if !selected(args, selector, &row.namespace, &row.name, &check.labels) {
            continue;
        }
        let mut counts = Counts::default();
        views
            .iter()
            .filter(|view| view.pair.namespace.as_str() == row.namespace && view.pair.check.as_str() == row.name)
            .for_each(|view| counts.add(view));
        if args.problems && counts.worst().is_none_or(|worst| worst == Assessment::Healthy) {
            continue;
        }
        names.push(format!("check/{}", row.name));
        let cadence = match (&check.schedule, check.interval) {
            (Some(schedule), _) => format!("cron {}", schedule.cron),
            (None, Some(interval)) => interval.to_string(),
            (None, None) => "-".to_owned(),
        };
        table.row([
            row.name.clone(),
            check.intent.clone(),
            if check.suspended { format!("{cadence} (suspended)") } else { cadence },
            (counts.total() + counts.suspended).to_string(),
            counts.healthy.to_string(),
            counts.worst().map_or("-", Assessment::as_str).to_owned(),
        ]);
        items.push(object(
            "Check",
            &row,
            &check.labels,
            json!({
                "intent": check.intent, "interval": check.interval, "schedule": check.schedule, "suspend": check.suspended,
            }),
            json!({
                "pairs": counts.total() + counts.suspended,
                "healthy": counts.healthy, "degraded": counts.degraded, "unhealthy": counts.unhealthy, "unknown": counts.unknown,
                "worst": counts.worst(),
                "place": check.place,
                "notInEffect": check.not_in_effect,
            }),
        ));
    }
    finish(args, &table, items, &names)
}

fn intents(context: &Context<'_>, args: &GetArgs) -> Result<(String, bool), Failure> {
    let profile = context.profile()?;
    let mut table = Table::new(&["NAME", "FACTS", "READINGS", "TITLE"]);
    let mut items = Vec::new();
    let mut names = Vec::new();
    for intent in profile.intents.values() {
        if !(args.names.is_empty() || args.names.iter().any(|name| name == &intent.id)) {
            continue;
        }
        names.push(format!("intent/{}", intent.id));
        let readings =
            intent.workflow.steps.iter().filter(|step| matches!(step, crate::profile::WorkflowStep::Read { .. })).count();
        table.row([intent.id.clone(), intent.contract.to_string(), readings.to_string(), intent.title.clone()]);
        items.push(json!({
            "kind": "Intent",
            "metadata": {"name": intent.id},
            "spec": {"title": intent.title, "summary": intent.summary, "factsContract": intent.contract.to_string(), "digest": intent.digest},
        }));
    }
    finish(args, &table, items, &names)
}

fn object(kind: &str, row: &DesiredRow, labels: &Labels, spec: Value, status: Value) -> Value {
    let metadata =
        json!({"name": row.name, "namespace": row.namespace, "uid": uid(kind, &row.namespace, &row.name), "labels": labels});
    let fields =
        [("apiVersion", json!(API_VERSION)), ("kind", json!(kind)), ("metadata", metadata), ("spec", spec), ("status", status)];
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn finish(args: &GetArgs, table: &Table, items: Vec<Value>, names: &[String]) -> Result<(String, bool), Failure> {
    let found = !items.is_empty();
    let text = match args.output {
        Format::Json | Format::Yaml => format::objects(args.output, items, args.names.len() == 1)?,
        Format::Name => format::lines(names),
        Format::Table | Format::Wide if found => table.render(),
        Format::Table | Format::Wide => String::new(),
    };
    Ok((text, found))
}
