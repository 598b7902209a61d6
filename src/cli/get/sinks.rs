//! `get sinks`.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::Failure;
use super::super::stamp::ago;
use super::list::{List, Row, object};
use super::{Query, parse};
use crate::api::reason;
use crate::status::{Ledger, WantedSink};

/// The Sinks that `query` asks for.
pub fn list(context: &Context<'_>, query: &Query<'_>) -> Result<List, Failure> {
    let mut list = List::new("sink", vec!["NAME", "KIND", "READY", "WAITING", "LAST-DELIVERY", "TO"]);
    let Some(db) = context.db()? else { return Ok(list) };
    let now = (context.now)();
    for row in db.desired("Sink")? {
        let sink: WantedSink = parse(&row)?;
        if !query.scope(&row.namespace, &sink.labels) {
            continue;
        }
        list.known.push(row.name.clone());
        let ledger = db.ledger(&sink.receiver)?;
        let (status, reason, message) = ready(&sink, &ledger);
        if !query.names(&row.name) || (query.args.problems && status != "False") {
            continue;
        }
        let cells = vec![
            row.name.clone(),
            sink.kind.clone(),
            if status == "True" { status.to_owned() } else { format!("{status}/{reason}") },
            ledger.waiting().to_string(),
            ago(ledger.health.delivered, now),
            sink.addresses.join(","),
        ];
        let meaning = [&row.name, status, reason, message.as_str()].join(" ");
        let changed = ledger.health.changed.unwrap_or_default().to_string();
        list.items.push(object(
            "Sink",
            &row,
            &sink.labels,
            &json!({
                "kind": sink.kind,
                "addresses": sink.addresses,
                "selector": sink.selector,
                "minSeverity": sink.min_severity,
                "heartbeat": sink.heartbeat,
                "suspend": sink.suspended,
            }),
            &json!({
                "conditions": [
                    {"type": "Ready", "status": status, "reason": reason, "message": message, "lastTransitionTime": changed},
                ],
                "waiting": ledger.waiting(),
                "lastDeliveryTime": ledger.health.delivered.map(|at| at.to_string()),
                "place": sink.place,
            }),
        ));
        list.rows.push(Row { key: format!("{}/{}", row.namespace, row.name), name: row.name, cells, meaning });
    }
    Ok(list)
}

/// The `Ready` condition: status, reason, message.
pub fn ready(sink: &WantedSink, ledger: &Ledger) -> (&'static str, &'static str, String) {
    let health = &ledger.health;
    match &health.error {
        _ if sink.suspended => ("Unknown", reason::SUSPENDED, "it is suspended; nothing is sent".to_owned()),
        Some(_) if ledger.trouble().is_some() => ("False", reason::DELIVERY_FAILED, health.message.clone()),
        // Nobody finds out whether it would accept by now.
        Some(_) => (
            "Unknown",
            reason::NOTHING_WAITS,
            format!("nothing waits for it any more; when it was told last: {}", health.message),
        ),
        None if health.delivered.is_none() => ("Unknown", reason::NOTHING_TOLD, "there was nothing to tell yet".to_owned()),
        None if health.message.is_empty() => ("True", reason::DELIVERING, "what was sent last was accepted".to_owned()),
        // Accepted, by some of its members.
        None => ("True", reason::DELIVERING, format!("accepted, but {}", health.message)),
    }
}
