//! `tecrax.docker_service_health`: what systemd says of the Docker service and its socket.
//!
//! 1.1 leaves open what was not observed: every state may be null, and so is the state of a unit file that does not exist. Healthy
//! means that the service is loaded and runs; the socket never decides. A host without Docker is unknown, not unhealthy: nothing
//! that is there has stopped.

use serde_json::{Map, Value, json};

use super::envelope::{Frame, NormalizeError, fill, text_at, to_1_0};
use super::finding::{Finding, FindingKind};
use super::reading::{Context, Readings, stdout};
use super::subject::{Subject, always, by_scope, joins_none, no_effects};
use super::text::{collapse, cut, lines, part, trim};
use super::unit_state::is_up;
use crate::api::Assessment;

/// Largest state word.
const WORD_MAX: usize = 64;
/// Load state of a unit that can run.
const LOADED: &str = "loaded";
/// Load state of a unit that does not exist.
const NOT_FOUND: &str = "not-found";
/// The properties that are read, each with the end of its fact's name.
const PROPERTIES: [(&str, &str); 4] = [
    ("LoadState", "load_state"),
    ("ActiveState", "active_state"),
    ("SubState", "sub_state"),
    ("UnitFileState", "unit_file_state"),
];
/// What is never looked at.
const OUTSIDE: [&str; 3] = ["containers", "images", "stacks"];
/// What 1.0 says of a state that was not seen.
const NOT_OBSERVED_1_0: &str = "not_observed";

const FRAME: Frame = Frame {
    id: "tecrax.docker_service_health",
    version: "1.1",
    requested: &["docker.service", "docker.socket"],
    non_claims: &["container_health", "docker_socket", "container_logs"],
};

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_docker_services_health",
    state_key: "docker_services_health",
    components: &[("docker.service", &["read_docker_service_state"]), ("docker.socket", &["read_docker_socket_state"])],
    sees: always,
    keys: &[
        ("service_load_state", "docker.service"),
        ("service_active_state", "docker.service"),
        ("service_sub_state", "docker.service"),
        ("service_unit_file_state", "docker.service"),
        ("socket_load_state", "docker.socket"),
        ("socket_active_state", "docker.socket"),
        ("socket_sub_state", "docker.socket"),
        ("socket_unit_file_state", "docker.socket"),
    ],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects: no_effects,
    shows: by_scope,
    project,
};

/// The states of one unit, in the order of [`PROPERTIES`].
type Unit = [Option<String>; 4];

fn normalize(readings: &Readings, _: &Context<'_>) -> Result<Value, NormalizeError> {
    let (service, socket) = (unit(readings, "read_docker_service_state"), unit(readings, "read_docker_socket_state"));
    let healthy = works(&service) == Some(true);
    let assessment = match works(&service) {
        Some(true) => Assessment::Healthy,
        Some(false) => Assessment::Unhealthy,
        None => Assessment::Unknown,
    };
    let mut not_observed: Vec<&str> = Vec::new();
    for (component, unit) in FRAME.requested.iter().zip([&service, &socket]) {
        let [load, active, ..] = unit;
        if load.is_none() || active.is_none() {
            not_observed.push(component);
        }
    }
    not_observed.extend(OUTSIDE);
    let mut payload = json!({
        "observation_scope": "systemd_service_only",
        "service": "docker",
        "socket": "docker.socket",
        "container_runtime_state": "not_observed",
        "healthy": healthy,
    });
    if let Some(map) = payload.as_object_mut() {
        for (unit, states) in [("service", service), ("socket", socket)] {
            map.extend(PROPERTIES.iter().zip(states).map(|((_, fact), state)| (format!("{unit}_{fact}"), json!(state))));
        }
    }
    FRAME.seal(payload, &not_observed, assessment)
}

/// The states out of `KEY=value` lines. Keys match exactly, later lines win; what is empty was not said.
fn unit(readings: &Readings, step: &str) -> Unit {
    let text = stdout(readings, step).unwrap_or_default();
    PROPERTIES.map(|(key, _)| {
        let value = lines(text).filter_map(|line| part(line, '=')).filter(|(name, _)| *name == key).last();
        value.map(|(_, value)| collapse(cut(trim(value), WORD_MAX), WORD_MAX)).filter(|state| !state.is_empty())
    })
}

/// Whether the service works; `None` when that was not seen, or when there is none.
fn works([load, active, ..]: &Unit) -> Option<bool> {
    match (load.as_deref(), active.as_deref()) {
        (Some(LOADED), Some(state)) => Some(is_up(state)),
        (Some(LOADED | NOT_FOUND) | None, _) => None,
        (Some(_), _) => Some(false),
    }
}

fn judge(facts: &Value) -> Vec<Finding> {
    let (load, active) = (text_at(facts, &["service_load_state"]), text_at(facts, &["service_active_state"]));
    let (code, message, step) = match (load, active) {
        (NOT_FOUND, _) => (
            "docker_not_installed",
            "`service_load_state` is not-found: there is no unit docker.service".to_owned(),
            "install Docker on the target, or take the Check off it where containers run otherwise",
        ),
        ("", _) => return Vec::new(),
        (LOADED, state) if state.is_empty() || is_up(state) => return Vec::new(),
        (LOADED, state) => (
            "docker_service_not_active",
            format!("`service_active_state` is {state}: the Docker service does not run"),
            "look at `systemctl status docker` and `journalctl -u docker` on the target",
        ),
        (state, _) => (
            "docker_service_not_loadable",
            format!("`service_load_state` is {state}: systemd can not start the Docker service"),
            "look at `systemctl cat docker` on the target; a masked unit needs `systemctl unmask docker`",
        ),
    };
    vec![Finding::new(FindingKind::Facts, "docker.service", code, &message).next_step(Some(step))]
}

fn project(facts: &mut Map<String, Value>) {
    to_1_0(facts, None);
    for unit in ["service", "socket"] {
        let keys = PROPERTIES.map(|(_, fact)| format!("{unit}_{fact}"));
        fill(facts, &keys.each_ref().map(String::as_str), &NOT_OBSERVED_1_0.into());
    }
}
