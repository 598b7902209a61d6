//! Recorded answers of connectors as readings.

use serde_json::{Value, json};
use tecrax::facts::{Reading, Readings};

/// Steps whose recorded payload is the decoded answer of a server; ours is its text.
const DECODED: [&str; 2] = ["read_zabbix_", "read_portainer_"];

/// A recorded step is one that was taken, whatever its payload; a failed one left no entry.
pub fn readings(results: &Value) -> Readings {
    let text = |payload: &Value, key: &str| payload[key].as_str().unwrap_or_default().to_owned();
    let steps = results.as_object().into_iter().flatten();
    steps
        .map(|(step, payload)| {
            let decoded = DECODED.iter().any(|prefix| step.starts_with(prefix));
            let reading = match payload {
                Value::Object(_) if decoded => Reading::taken(payload.to_string()),
                other if decoded => Reading::taken(json!({"value": other}).to_string()),
                _ => Reading::Taken { stdout: text(payload, "stdout"), stderr: text(payload, "stderr") },
            };
            (step.clone(), reading)
        })
        .collect()
}
