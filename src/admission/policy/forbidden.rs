//! Keys that may not stand in what a policy is asked about: whoever decides never sees a secret, a command or raw output.

use serde_json::Value;

use super::refused::{Refused, Step};

/// The keys, lower-case; they are compared without regard to case, at any depth.
pub const FORBIDDEN_KEYS: [&str; 28] = [
    "raw_intent",
    "raw_payload",
    "raw_evidence",
    "raw_output",
    "prompt",
    "credential",
    "credentials",
    "secret",
    "token",
    "password",
    "api_key",
    "command",
    "commands",
    "stdout",
    "stderr",
    "subprocess",
    "shell",
    "live_execution",
    "live_backend",
    "carrier_payload",
    "transport_payload",
    "runtime_storage",
    "storage_path",
    "scheduler",
    "schedule",
    "target",
    "target_url",
    "url",
];

/// Refuses the first forbidden key of a value within the bound of depth.
pub(super) fn check(value: &Value) -> Result<(), Refused> {
    match value {
        Value::Object(map) => map.iter().try_for_each(|(key, item)| {
            let lower = key.to_lowercase();
            let checked = if FORBIDDEN_KEYS.contains(&lower.as_str()) {
                Err(Refused::new(format!("forbidden_policy_metadata:{lower}")))
            } else {
                check(item)
            };
            checked.map_err(|refused| refused.at(key))
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check(item).map_err(|refused| refused.inside([Step::Item(index)]))),
        _ => Ok(()),
    }
}
