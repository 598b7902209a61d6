//! The tries of a run that failed and were followed by others.

use serde_json::Value;

use super::printable::printable;
use super::said::Said;
use super::table::Table;

/// One row a failed try, in step order; `None` when every reading was taken at the first try.
pub fn failed(said: &Said) -> Option<String> {
    let mut table = Table::new(&["READING", "TRY", "OUTCOME", "MS", "AT", "WHY"]);
    let mut messages = said.failed_attempts().iter();
    for reading in said.receipt.pointer("/tecrax/readings").and_then(Value::as_array).into_iter().flatten() {
        let failed = reading.get("failed_attempts").and_then(Value::as_array).into_iter().flatten();
        for (number, failed) in (1_u32..).zip(failed) {
            let text = |value: &Value, key: &str| match value.get(key) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => "-".to_owned(),
            };
            // Both lists are written in the same order.
            let why = messages.next().map_or_else(|| "-".to_owned(), |said| printable(&text(said, "message")));
            let (step, number) = (text(reading, "step"), number.to_string());
            table.row([step, number, text(failed, "outcome"), text(failed, "took_ms"), text(failed, "at"), why]);
        }
    }
    (!table.is_empty()).then(|| table.render())
}
