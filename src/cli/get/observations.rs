//! `get observations`.

use std::collections::HashMap;

use super::super::args::SortBy;
use super::super::context::Context;
use super::super::exit::Failure;
use super::super::format::Format;
use super::super::resource;
use super::super::said::Said;
use super::super::stamp::{ago, until};
use super::list::{List, Row};
use super::{Query, views};
use crate::api::{Assessment, ReactionOutcome, reason};
use crate::status::{PairState, View};
use crate::store::Db;

/// The pairs that `query` asks for.
pub fn list(context: &Context<'_>, query: &Query<'_>) -> Result<List, Failure> {
    let args = query.args;
    let wide = args.output == Format::Wide;
    let mut headings = vec!["NAME", "ASSESSMENT", "REACTION", "READY", "SINCE", "LAST-RUN", "NEXT"];
    if wide {
        headings.extend(["NAMESPACE", "INTENT", "FAILED-TRIES", "REASON", "WHY"]);
    }
    let mut list = List::new("observation", headings);
    let Some(db) = context.db()? else { return Ok(list) };
    let mut views: Vec<View> =
        views(context, &db)?.into_iter().filter(|view| query.scope(view.pair.namespace.as_str(), &view.labels)).collect();
    list.known = views.iter().map(|view| view.pair.observation_name()).collect();
    views.retain(|view| {
        query.names(&view.pair.observation_name())
            && (!args.problems
                || ((view.assessment != Assessment::Healthy || view.ready == Err(reason::STALE)) && !view.suspended))
    });
    match args.sort_by {
        SortBy::Name => {}
        SortBy::Assessment => views.sort_by_key(|view| std::cmp::Reverse(view.assessment)),
        SortBy::Since => views.sort_by_key(|view| std::cmp::Reverse(view.since)),
        SortBy::LastRun => views.sort_by_key(|view| std::cmp::Reverse(view.last_run)),
    }
    if args.output.structured() {
        list.items = resource::observations(&db, &views)?;
    }
    let now = (context.now)();
    let states = if wide { db.states()? } else { HashMap::new() };
    let tries = |view: &View| if wide { failed_tries(&db, states.get(&view.pair)) } else { Ok(String::new()) };
    list.rows = views.iter().map(|view| Ok(row(view, now, wide.then_some(tries(view)?)))).collect::<Result<_, Failure>>()?;
    Ok(list)
}

/// How many tries of the last run failed and were followed by others; `-` when its record is not there any more.
fn failed_tries(db: &Db, state: Option<&PairState>) -> Result<String, Failure> {
    let Some((state, last)) = state.and_then(|state| Some((state, state.last.as_ref()?))) else { return Ok("-".to_owned()) };
    let record = db.record(&state.pair.clone().into(), last.seq)?;
    let number = record.map(|record| Said::of(db, &record)).transpose()?.map(|said| said.failed_attempts().len());
    Ok(number.map_or_else(|| "-".to_owned(), |number| number.to_string()))
}

/// `tries`: what a wide row says of them.
fn row(view: &View, now: jiff::Timestamp, tries: Option<String>) -> Row {
    let assessment = resource::assessment_word(view);
    let reaction = view.reaction.map_or("-", ReactionOutcome::as_str);
    let ready = view.ready.map_or_else(|why| format!("False/{why}"), |()| "True".to_owned());
    let meaning = format!("{assessment} {reaction} {ready}");
    let mut cells = vec![
        view.pair.observation_name(),
        assessment,
        reaction.to_owned(),
        ready,
        ago(view.since, now),
        ago(view.last_run, now),
        until(view.next_run, now),
    ];
    if let Some(tries) = tries {
        cells.extend([view.pair.namespace.to_string(), view.intent.clone(), tries, view.reason.clone(), view.why.clone()]);
    }
    Row { key: view.pair.to_string(), name: view.pair.observation_name(), cells, meaning }
}
