//! `get targets`.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::Failure;
use super::list::{List, Row, object};
use super::{Query, parse, views};
use crate::api::{Assessment, ConditionStatus};
use crate::status::{Counts, View, WantedTarget, target_view};

/// The Targets that `query` asks for.
pub fn list(context: &Context<'_>, query: &Query<'_>) -> Result<List, Failure> {
    let mut list = List::new("target", vec!["NAME", "TYPE", "REACHABLE", "PAIRS", "WORST", "CONNECTIONS"]);
    let Some(db) = context.db()? else { return Ok(list) };
    let views = views(context, &db)?;
    for row in db.desired("Target")? {
        let target: WantedTarget = parse(&row)?;
        if !query.scope(&row.namespace, &target.labels) {
            continue;
        }
        list.known.push(row.name.clone());
        if !query.names(&row.name) {
            continue;
        }
        let mine: Vec<&View> = views
            .iter()
            .filter(|view| view.pair.namespace.as_str() == row.namespace && view.pair.target.as_str() == row.name)
            .collect();
        let seen = target_view(mine.iter().copied());
        let mut counts = Counts::default();
        for view in &mine {
            counts.add(view);
        }
        if query.args.problems && seen.reachable == ConditionStatus::True && counts.worst() == Some(Assessment::Healthy) {
            continue;
        }
        let reachable = match seen.reachable {
            ConditionStatus::True => "True".to_owned(),
            ConditionStatus::False => format!("False/{}", seen.reason),
            ConditionStatus::Unknown => "Unknown".to_owned(),
        };
        let connections: Vec<String> = target.connections.iter().map(|(role, kind)| format!("{role}={kind}")).collect();
        let cells = vec![
            row.name.clone(),
            target.r#type.clone(),
            reachable,
            seen.pairs.to_string(),
            counts.worst().map_or("-", Assessment::as_str).to_owned(),
            connections.join(","),
        ];
        list.items.push(object(
            "Target",
            &row,
            &target.labels,
            &json!({"type": target.r#type, "suspend": target.suspended}),
            &json!({
                "conditions": [{"type": "Reachable", "status": seen.reachable, "reason": seen.reason}],
                "place": target.place,
                "notInEffect": target.not_in_effect,
            }),
        ));
        let meaning = cells.join(" ");
        list.rows.push(Row { key: format!("{}/{}", row.namespace, row.name), name: row.name, cells, meaning });
    }
    Ok(list)
}
