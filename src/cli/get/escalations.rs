//! `get escalations`.

use std::collections::HashMap;

use super::super::args::SortBy;
use super::super::context::Context;
use super::super::escalation::{self, Shown};
use super::super::exit::Failure;
use super::super::format::Format;
use super::super::stamp::ago;
use super::list::{List, Row};
use super::{Query, parse};
use crate::api::Labels;
use crate::status::WantedTarget;

/// The Escalations that `query` asks for: open ones, unless names or `--all` ask for more. Labels are those of the Target.
pub fn list(context: &Context<'_>, query: &Query<'_>) -> Result<List, Failure> {
    let args = query.args;
    let wide = args.output == Format::Wide;
    let mut headings = vec!["NAME", "SEVERITY", "STATE", "SINCE", "LAST-SEEN", "SUMMARY"];
    if wide {
        headings = vec![
            "NAME",
            "SEVERITY",
            "STATE",
            "SINCE",
            "LAST-SEEN",
            "NAMESPACE",
            "INCIDENT",
            "CHECKS",
            "BY",
            "RUNBOOK",
            "SUMMARY",
        ];
    }
    let mut list = List::new("escalation", headings);
    let Some(db) = context.db()? else { return Ok(list) };
    let labels: HashMap<(String, String), Labels> = db
        .desired("Target")?
        .into_iter()
        .map(|row| Ok(((row.namespace.clone(), row.name.clone()), parse::<WantedTarget>(&row)?.labels)))
        .collect::<Result<_, Failure>>()?;
    let none = Labels::new();
    let mut shown = escalation::all(context, &db)?;
    shown.retain(|shown| {
        let target = shown.matter.target.as_ref().map_or_else(String::new, ToString::to_string);
        let namespace = shown.state.id.namespace.to_string();
        let labels = labels.get(&(namespace.clone(), target)).unwrap_or(&none);
        query.scope(&namespace, labels)
    });
    list.known = shown.iter().map(|shown| shown.state.id.name.to_string()).collect();
    shown.retain(|shown| {
        let named = !args.names.is_empty();
        query.names(shown.state.id.name.as_str()) && (named || args.all || shown.matter.is_open())
    });
    match args.sort_by {
        SortBy::Name => {}
        SortBy::Assessment => shown.sort_by_key(|shown| std::cmp::Reverse(shown.matter.severity)),
        SortBy::Since => shown.sort_by_key(|shown| std::cmp::Reverse(shown.matter.first_seen)),
        SortBy::LastRun => shown.sort_by_key(|shown| std::cmp::Reverse(shown.matter.last_seen)),
    }
    if args.output.structured() {
        list.items = shown.iter().map(|shown| shown.object(&db)).collect::<Result<_, _>>()?;
    }
    let now = (context.now)();
    list.rows = shown.iter().map(|shown| row(shown, now, wide)).collect();
    Ok(list)
}

fn row(shown: &Shown, now: jiff::Timestamp, wide: bool) -> Row {
    let Shown { state, matter } = shown;
    let (name, severity, stands) = (state.id.name.to_string(), format!("{:?}", matter.severity), shown.stands());
    let meaning = format!("{severity} {stands} {}", matter.incident);
    let mut cells = vec![name.clone(), severity, stands, ago(Some(matter.first_seen), now), ago(Some(matter.last_seen), now)];
    if wide {
        let checks: Vec<&str> = matter.claims.iter().map(|claim| claim.check.as_str()).collect();
        let by = matter.suppressed.as_ref().map(|suppressed| &suppressed.by);
        let by = by.or_else(|| matter.acknowledged.as_ref().map(|said| &said.by));
        let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        cells.extend([
            state.id.namespace.to_string(),
            matter.incident.to_string(),
            or_dash(&checks.join(",")),
            or_dash(by.map_or("", String::as_str)),
            or_dash(matter.runbook.as_deref().unwrap_or_default()),
        ]);
    }
    cells.push(matter.summary.clone());
    Row { key: state.id.to_string(), name, cells, meaning }
}
