//! Counts out of JSON-RPC replies, and the envelope of summaries that are made of them.

use serde_json::{Map, Value, json};

use crate::api::Assessment;
use crate::facts::envelope::{at, to_1_0};
use crate::facts::number::integer;
use crate::facts::reachability::is_true;
use crate::facts::reading::{Answer, Readings, answer};

/// Largest count.
const COUNT_MAX: i128 = 1_000_000;

/// One count of a summary: its component, which is its fact's name too where that is unique, and the step that reads it.
pub(super) type Counted = (&'static str, &'static [&'static str]);

/// The hosts that are monitored.
pub(super) const HOSTS_ENABLED: Counted = ("hosts_enabled", &["read_zabbix_enabled_host_count"]);
/// The hosts that are not.
pub(super) const HOSTS_DISABLED: Counted = ("hosts_disabled", &["read_zabbix_disabled_host_count"]);
/// The fact that holds both, as `enabled` and `disabled`.
pub(super) const HOSTS: &str = "host_counts";
/// Reason code where both are 0: Zabbix counts what the user of the token may see.
pub(super) const NO_HOST: &str = "zabbix_no_host_visible";
/// What to do then.
pub(super) const SEE_HOSTS: &str =
    "give the user read permission on the host groups that shall count, or take the Check off a Zabbix without hosts";

/// Whether both counts of hosts were read and are 0.
pub(super) fn no_host(facts: &Value) -> bool {
    ["enabled", "disabled"].iter().all(|key| at(facts, &[HOSTS, key]).as_u64() == Some(0))
}

/// Whether a host, or anything of `group`, was counted: Zabbix counts what the user of the token may see, so nothing but such a count
/// says that it sees anything.
pub(super) fn sees(facts: &Value, group: &str) -> bool {
    let some = |key| at(facts, &[key]).as_object().is_some_and(|counts| counts.values().any(|count| count.as_u64() > Some(0)));
    some(HOSTS) || some(group)
}

/// The count of a step, within 0 and [`COUNT_MAX`]; `None` when it was not read, or the reply holds an error or no whole number.
pub(super) fn count(readings: &Readings, step: &str) -> Option<u64> {
    let Answer::Object(reply) = answer(readings, step) else { return None };
    if reply.get("error").is_some_and(is_true) {
        return None;
    }
    let value = match reply.get("result")? {
        Value::String(text) => integer(text)?,
        Value::Number(number) => number.as_i128()?,
        _ => return None,
    };
    u64::try_from(value.clamp(0, COUNT_MAX)).ok()
}

/// Every count by its component, and the components without one.
pub(super) fn counts(readings: &Readings, counted: &[Counted]) -> (Vec<Option<u64>>, Vec<&'static str>) {
    let read = |steps: &[&str]| steps.iter().find_map(|step| count(readings, step));
    let counts: Vec<Option<u64>> = counted.iter().map(|(_, steps)| read(steps)).collect();
    let missing = counted.iter().zip(&counts).filter(|(_, count)| count.is_none()).map(|((name, _), _)| *name).collect();
    (counts, missing)
}

/// Seen and wrong is degraded, whatever else is missing; all seen and nothing wrong is healthy.
pub(super) const fn ladder(wrong: bool, complete: bool) -> Assessment {
    match (wrong, complete) {
        (true, _) => Assessment::Degraded,
        (false, true) => Assessment::Healthy,
        (false, false) => Assessment::Unknown,
    }
}

/// 1.0 of a summary: a count that was not read is 0 there, what was looked for has other names, and nothing but unknown is said when
/// anything is missing.
pub(super) fn project(facts: &mut Map<String, Value>, groups: &[&str], marker: &str, schema_ref: &str) {
    for group in groups {
        let Some(Value::Object(counts)) = facts.get_mut(*group) else { continue };
        for count in counts.values_mut().filter(|count| count.is_null()) {
            *count = 0.into();
        }
    }
    let complete = facts.get("complete") == Some(&Value::Bool(true));
    if !complete {
        facts.insert("assessment".into(), json!({"state": Assessment::Unknown.as_str()}));
    }
    if let Some(Value::Object(scope)) = facts.get_mut("scope") {
        scope.insert("requested".into(), json!(groups));
        scope.insert("observed".into(), json!(groups));
    }
    to_1_0(facts, Some(marker));
    // 1.0 names its schema without ever being checked against it.
    facts.insert("schema_ref".into(), schema_ref.into());
}
