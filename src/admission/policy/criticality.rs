//! How critical the Python stack takes a target of an environment to be.

use serde_json::{Map, Value};

use super::value::{text, truthy};

/// What an unknown target is.
const UNKNOWN: &str = "medium";

/// The criticality of `target`, in lower case: what its declaration says, or its group's; `critical` when the name that was
/// found says so, `low` when nothing does, `medium` when there is no such target.
pub fn criticality(targets: &Map<String, Value>, target: &str) -> String {
    match targets.get(target) {
        Some(Value::Object(declared)) => of(target, declared),
        Some(_) => UNKNOWN.to_owned(),
        None => groups(targets)
            .find(|(_, group)| members(group).any(|member| member == target))
            .map_or_else(|| UNKNOWN.to_owned(), |(name, group)| of(name, group)),
    }
}

fn of(name: &str, declared: &Map<String, Value>) -> String {
    let said = ["criticality", "risk_class"].into_iter().find(|key| declared.get(*key).is_some_and(truthy));
    match said {
        Some(key) => text(declared.get(key)).to_lowercase(),
        None if name.to_lowercase().contains("critical") => "critical".to_owned(),
        None => "low".to_owned(),
    }
}

fn groups(targets: &Map<String, Value>) -> impl Iterator<Item = (&String, &Map<String, Value>)> {
    let declared = targets.iter().filter_map(|(name, value)| Some((name, value.as_object()?)));
    declared.filter(|(_, value)| value.get("type").and_then(Value::as_str) == Some("group"))
}

fn members(group: &Map<String, Value>) -> impl Iterator<Item = &str> {
    group.get("members").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
