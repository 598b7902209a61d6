//! The requests that the Python stack makes: one for an operation, one for every call of a connector.

use serde_json::{Value, json};

use super::{Refused, Request};

/// Modes in which an operation reads; in any other it counts as one that changes something.
const READING: [&str; 3] = ["dry_run", "observe", "emergency_readonly"];

/// The request about an operation. `resource` is the target: `{target_ref, criticality}`.
///
/// # Errors
/// A text is empty.
pub fn operation_request(operation: &str, mode: &str, intent: &str, risk: &str, resource: &Value) -> Result<Request, Refused> {
    Request::from_json(&json!({
        "request_id": format!("op-policy:{operation}"),
        "subject_ref": format!("rexecop:{operation}"),
        "action": {"mode": word(mode), "category": "operation", "intent": intent, "risk": risk},
        "resource": resource,
    }))
}

/// The request about one call of a connector.
///
/// # Errors
/// A text is empty.
pub fn connector_request(
    operation: &str,
    mode: &str,
    backend: &str,
    connector: &str,
    action: &str,
    resource: &Value,
) -> Result<Request, Refused> {
    Request::from_json(&json!({
        "request_id": format!("connector-policy:{operation}:{connector}:{action}"),
        "subject_ref": format!("rexecop:{operation}:{connector}"),
        "action": {"mode": word(mode), "category": "connector", "backend": backend, "connector": connector, "name": action},
        "resource": resource,
        "context": {"operation_id": operation},
    }))
}

fn word(mode: &str) -> &'static str {
    if READING.contains(&mode) { "read" } else { "mutating" }
}
