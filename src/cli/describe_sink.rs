//! `describe sink/NAME`.

use std::fmt::Write as _;

use super::context::Context;
use super::exit::Failure;
use super::get::ready;
use super::printable::printable;
use super::stamp::{ago, until};
use super::table::Table;
use crate::notify::Notice;
use crate::status::WantedSink;
use crate::store::{Db, DesiredRow};

/// Most deliveries that are listed; the latest.
const MAX_LISTED: usize = 50;

/// Everything about one Sink.
pub fn describe(context: &Context<'_>, db: &Db, row: &DesiredRow, sink: &WantedSink) -> Result<String, Failure> {
    let now = (context.now)();
    let ledger = db.ledger(&sink.receiver)?;
    let (status, reason, message) = ready(sink, &ledger);
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{:<15}{}", format!("{name}:"), printable(&value));
    };
    line("Name", row.name.clone());
    line("Namespace", row.namespace.clone());
    line("Kind", sink.kind.clone());
    line("To", sink.addresses.join(", "));
    line("Declared at", sink.place.clone());
    let labels = &sink.selector.match_labels;
    let mut selects: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    selects.extend(
        sink.selector.match_expressions.iter().map(|it| format!("{} {:?} ({})", it.key, it.operator, it.values.join(","))),
    );
    line("Selects", if selects.is_empty() { "every target of the namespace".to_owned() } else { selects.join(", ") });
    line("Min severity", sink.min_severity.as_str().to_owned());
    line("Heartbeat", sink.heartbeat.map_or_else(|| "never".to_owned(), |every| format!("every {every}")));
    line("Suspended", sink.suspended.to_string());
    line("Ready", format!("{status} ({reason}): {message}"));
    line("Since", ago(ledger.health.changed, now));
    line("Last delivery", ago(ledger.health.delivered, now));
    if ledger.health.failures > 0 {
        line("Next try", until(ledger.health.next, now));
    }
    let mut table = Table::new(&["TOLD", "ACCEPTED", "TRIES", "LAST-ERROR", "NEXT", "ABOUT"]);
    let mut deliveries: Vec<_> = ledger.deliveries.iter().collect();
    deliveries.sort_by_key(|(_, delivery)| std::cmp::Reverse(delivery.tried));
    for ((identity, phase), delivery) in deliveries.into_iter().take(MAX_LISTED) {
        let about = serde_json::from_str::<Notice>(&delivery.told).map_or_else(|_| identity.clone(), |notice| notice.summary);
        table.row([
            phase.as_str().to_owned(),
            ago(delivery.delivered, now),
            delivery.attempts.to_string(),
            delivery.error.clone().unwrap_or_else(|| "-".to_owned()),
            delivery.next.map_or_else(|| "-".to_owned(), |next| until(Some(next), now)),
            printable(&about),
        ]);
    }
    let table = if table.is_empty() { "nothing\n".to_owned() } else { table.render() };
    out.push_str("\nDeliveries:\n");
    for line in table.lines() {
        let _ = writeln!(out, "  {line}");
    }
    Ok(out)
}
