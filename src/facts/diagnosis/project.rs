//! The diagnosis as 1.0 states it.

use serde_json::{Map, Value, json};

use super::component::{COMPONENTS, Component};
use super::state::Status;
use super::{FRAME, findings};
use crate::facts::envelope::{text_at, to_1_0 as envelope_1_0};

/// Components whose absence 1.0 gives a reason for.
const REASONED: [&str; 3] = ["docker", "adguard", "portainer"];
/// That reason.
const NOT_OBSERVED: &str = "not_observed";

/// Turns facts of 1.1 into 1.0, which knows three words for a component and two for the whole: what was not observed is
/// unavailable, all eight count, and whatever is not healthy is degraded.
pub(super) fn to_1_0(facts: &mut Map<String, Value>) {
    let whole = Value::Object(facts.clone());
    let states: Vec<(&'static Component, Status)> =
        COMPONENTS.iter().map(|component| (component, status(&whole, component))).collect();
    envelope_1_0(facts, None);
    let failures: Vec<Value> = facts
        .get("continued_failures")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|failure| json!({"step_id": text_at(failure, &["step_id"]), "error_class": text_at(failure, &["error_class"])}))
        .collect();
    let names = |unavailable: bool| -> Vec<&str> {
        let wanted = |(_, status): &&(&Component, Status)| (*status == Status::Unavailable) == unavailable;
        states.iter().filter(wanted).map(|(component, _)| component.name).collect()
    };
    let (observed, lost) = (names(false), names(true));
    let health = if states.iter().all(|(_, status)| *status == Status::Healthy) { "healthy" } else { "degraded" };
    let replaced = [
        ("coverage_status", json!(if failures.is_empty() { "complete" } else { "partial" })),
        ("coverage", json!({"state": if lost.is_empty() { "complete" } else { "partial" }, "blockers": []})),
        ("scope", json!({"requested": FRAME.requested, "observed": observed, "not_observed": lost})),
        ("observed_health", json!(health)),
        ("assessment", json!({"state": health})),
        ("components", states.iter().map(component).collect::<Map<_, _>>().into()),
        ("findings", findings(states.iter().copied()).into()),
        ("continued_failures", failures.into()),
    ];
    facts.extend(replaced.map(|(key, value)| (key.to_owned(), value)));
    facts.remove("continued_failure_count");
}

fn status(facts: &Value, component: &Component) -> Status {
    match text_at(facts, &["components", component.name, "status"]) {
        "healthy" => Status::Healthy,
        "unhealthy" => Status::Unhealthy,
        _ => Status::Unavailable,
    }
}

fn component((component, status): &(&'static Component, Status)) -> (String, Value) {
    let mut said = json!({"status": status.as_str()});
    if let (Status::Unavailable, Some(map), true) = (status, said.as_object_mut(), REASONED.contains(&component.name)) {
        map.insert("reason".into(), NOT_OBSERVED.into());
    }
    (component.name.to_owned(), said)
}
