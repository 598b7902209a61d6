//! `tecrax.portainer_reachability`: whether Portainer answers the one question that needs no login.
//!
//! 1.1 leaves open what was not observed: `api_reachable` and `api_version` may be null. A server that answered otherwise is
//! unhealthy; one that nobody reached is unknown.

use serde_json::{Map, Value, json};

use super::envelope::{Frame, NormalizeError, at, text_at};
use super::finding::{Finding, FindingKind};
use super::reachability::{Reached, project_scope};
use super::reading::{Answer, Context, Readings, answer};
use super::subject::{Subject, always, by_scope, joins_none, no_effects};

const FRAME: Frame = Frame {
    id: "tecrax.portainer_reachability",
    version: "1.1",
    requested: &["unauthenticated_status"],
    non_claims: &["management_plane_health", "container_health", "authenticated_api"],
};

/// What is never looked at.
const OUTSIDE: [&str; 4] = ["environments", "stacks", "containers", "users"];

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_portainer_health",
    state_key: "portainer_health",
    components: &[("unauthenticated_status", &["read_portainer_status"])],
    sees: always,
    keys: &[("api_reachable", "unauthenticated_status"), ("api_version", "unauthenticated_status")],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects: no_effects,
    shows: by_scope,
    project,
};

fn normalize(readings: &Readings, _: &Context<'_>) -> Result<Value, NormalizeError> {
    let reached = match answer(readings, "read_portainer_status") {
        Answer::Object(status) => Reached::version(status.get("Version"), true),
        Answer::Wrong => Reached::WRONG,
        Answer::NotSeen => Reached::NOT_SEEN,
    };
    let payload = json!({
        "observation_scope": "unauthenticated_status_only",
        "api_reachable": reached.reachable,
        "api_version": reached.version,
        "instance_identity_state": "deliberately_not_collected",
        "management_objects_state": "not_observed",
        "container_runtime_state": "not_observed",
        "healthy": reached.healthy(),
    });
    FRAME.seal(payload, &reached.not_observed(&FRAME, &OUTSIDE), reached.assessment())
}

fn judge(facts: &Value) -> Vec<Finding> {
    // A reading that failed speaks for itself; without one the version is null.
    let unsaid = at(facts, &["api_version"]).is_string() && text_at(facts, &["api_version"]).is_empty();
    let finding = unsaid.then(|| {
        let message = "`api_version` is empty: /api/status answered, but without a version";
        let step = "check that `baseURL` of the connection portainer leads to Portainer itself and not to a page in front of it";
        Finding::new(FindingKind::Facts, "unauthenticated_status", "portainer_without_version", message).next_step(Some(step))
    });
    finding.into_iter().collect()
}

fn project(facts: &mut Map<String, Value>) {
    project_scope(facts, &FRAME, "api_reachable");
}
