//! `get checks`.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::Failure;
use super::list::{List, Row, object};
use super::{Query, parse, views};
use crate::api::Assessment;
use crate::status::{Counts, WantedCheck};
use crate::store::DesiredRow;

/// The Checks that `query` asks for; those whose intent this version does not answer come last.
pub fn list(context: &Context<'_>, query: &Query<'_>) -> Result<List, Failure> {
    let mut list = List::new("check", vec!["NAME", "INTENT", "CADENCE", "TARGETS", "HEALTHY", "WORST"]);
    let Some(db) = context.db()? else { return Ok(list) };
    let views = views(context, &db)?;
    for row in db.desired("Check")? {
        let check: WantedCheck = parse(&row)?;
        if !query.scope(&row.namespace, &check.labels) {
            continue;
        }
        list.known.push(row.name.clone());
        let mut counts = Counts::default();
        views
            .iter()
            .filter(|view| view.pair.namespace.as_str() == row.namespace && view.pair.check.as_str() == row.name)
            .for_each(|view| counts.add(view));
        let fine = counts.worst().is_none_or(|worst| worst == Assessment::Healthy);
        if query.names(&row.name) && !(query.args.problems && fine) {
            add(&mut list, &row, &check, &counts);
        }
    }
    Ok(list)
}

fn add(list: &mut List, row: &DesiredRow, check: &WantedCheck, counts: &Counts) {
    let cadence = match (&check.schedule, check.interval) {
        (Some(calendar), _) => format!("cron {}", calendar.schedule().cron),
        (None, Some(interval)) => interval.to_string(),
        (None, None) => "-".to_owned(),
    };
    let pairs = counts.total() + counts.suspended;
    let cells = vec![
        row.name.clone(),
        check.intent.clone(),
        if check.suspended { format!("{cadence} (suspended)") } else { cadence },
        pairs.to_string(),
        counts.healthy.to_string(),
        counts.worst().map_or("-", Assessment::as_str).to_owned(),
    ];
    list.items.push(object(
        "Check",
        row,
        &check.labels,
        &json!({"intent": check.intent, "interval": check.interval, "schedule": check.schedule, "suspend": check.suspended}),
        &json!({
            "pairs": pairs,
            "healthy": counts.healthy, "degraded": counts.degraded, "unhealthy": counts.unhealthy, "unknown": counts.unknown,
            "accepted": counts.accepted,
            "worst": counts.worst(),
            "place": check.place,
            "notInEffect": check.not_in_effect,
        }),
    ));
    let meaning = cells.join(" ");
    list.rows.push(Row { key: format!("{}/{}", row.namespace, row.name), name: row.name.clone(), cells, meaning });
}
