//! `get checks`.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::context::Context;
use super::super::exit::Failure;
use super::list::{List, Row, object};
use super::{Query, idle, parse, views};
use crate::api::{Assessment, Labels};
use crate::status::{Counts, WantedCheck};
use crate::store::{Db, DesiredRow};

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
    add_idle(&mut list, &db, query)?;
    Ok(list)
}

fn add(list: &mut List, row: &DesiredRow, check: &WantedCheck, counts: &Counts) {
    let cadence = match (&check.schedule, check.interval) {
        (Some(schedule), _) => format!("cron {}", schedule.cron),
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
            "worst": counts.worst(),
            "place": check.place,
            "notInEffect": check.not_in_effect,
        }),
    ));
    let meaning = cells.join(" ");
    list.rows.push(Row { key: format!("{}/{}", row.namespace, row.name), name: row.name.clone(), cells, meaning });
}

/// Checks whose intent a later version answers: known by the pairs they would have.
fn add_idle(list: &mut List, db: &Db, query: &Query<'_>) -> Result<(), Failure> {
    let mut idle_checks: BTreeMap<(String, String), (String, String, usize)> = BTreeMap::new();
    for idle in idle(db)? {
        let key = (idle.pair.namespace.to_string(), idle.pair.check.to_string());
        idle_checks.entry(key).or_insert((idle.intent, idle.sentence, 0)).2 += 1;
    }
    for ((namespace, name), (intent, sentence, pairs)) in idle_checks {
        // Its labels are not kept, so a selector never selects it.
        if !query.scope(&namespace, &Labels::default()) {
            continue;
        }
        list.known.push(name.clone());
        if !query.names(&name) || query.args.problems {
            continue;
        }
        let row = DesiredRow { kind: "Check", namespace, name, value: String::new() };
        list.items.push(object(
            "Check",
            &row,
            &Labels::default(),
            &json!({"intent": intent}),
            &json!({"pairs": pairs, "notInEffect": [sentence]}),
        ));
        let cells = [&row.name, &intent, "-", &pairs.to_string(), "0", "not in effect"].map(ToOwned::to_owned).to_vec();
        let meaning = cells.join(" ");
        list.rows.push(Row { key: format!("{}/{}", row.namespace, row.name), name: row.name, cells, meaning });
    }
    Ok(())
}
