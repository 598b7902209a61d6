//! Words that an active profile may not use.

use std::fmt::Write as _;

use serde_json::Value;

/// Parts of actions that would read whole configurations.
pub(super) const ACTIONS: [&str; 6] =
    ["current-configuration", "port-security-summary", "running-config", "show-running", "startup-config", "vlan-summary"];

/// Products without a check, and verbs that change something.
pub(super) const PRODUCTS: [&str; 13] = [
    "apply",
    "backup",
    "fixture",
    "frigate",
    "grafana",
    "hillstone",
    "mock",
    "pbs",
    "printer",
    "proxmox",
    "restart",
    "samba",
    "wazuh",
];

/// Fields for people: a sentence may say what is not done.
const PROSE: [&str; 5] = ["title", "summary", "description", "unsupported_help", "unsupported_stderr"];

/// Every key and every text of a file, lower-case, one a line, without the fields for people.
pub(super) fn identifiers(value: &Value) -> String {
    let mut out = String::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter().filter(|(key, _)| !PROSE.contains(&key.as_str())) {
                    let _ = writeln!(out, "{}", key.to_lowercase());
                    open.push(value);
                }
            }
            Value::Array(items) => open.extend(items),
            Value::String(text) => {
                let _ = writeln!(out, "{}", text.to_lowercase());
            }
            _ => {}
        }
    }
    out
}
