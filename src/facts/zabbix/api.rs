//! `tecrax.zabbix_api_reachability`: whether the API answers the one question that needs no login.
//!
//! 1.1 leaves open what was not observed: `application_reachable` and `api_version` may be null. A server that answered otherwise is
//! unhealthy; one that nobody reached is unknown.

use serde_json::{Map, Value, json};

use crate::facts::envelope::{Frame, NormalizeError, at, text_at};
use crate::facts::finding::{Finding, FindingKind};
use crate::facts::reachability::{Reached, is_true, project_scope};
use crate::facts::reading::{Answer, Context, Readings, answer};
use crate::facts::subject::{Subject, always, by_scope, joins_none, no_effects};

const FRAME: Frame = Frame {
    id: "tecrax.zabbix_api_reachability",
    version: "1.1",
    requested: &["api_reachability"],
    non_claims: &["container_health", "monitoring_health", "authenticated_api"],
};

/// What is never looked at.
const OUTSIDE: [&str; 4] = ["container_runtime", "problems", "hosts", "configuration"];

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_zabbix_health",
    state_key: "zabbix_health",
    components: &[("api_reachability", &["read_zabbix_api_version"])],
    sees: always,
    keys: &[("application_reachable", "api_reachability"), ("api_version", "api_reachability")],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects: no_effects,
    shows: by_scope,
    project,
};

fn normalize(readings: &Readings, _: &Context<'_>) -> Result<Value, NormalizeError> {
    let reached = match answer(readings, "read_zabbix_api_version") {
        Answer::Object(reply) => Reached::version(reply.get("result"), !reply.get("error").is_some_and(is_true)),
        Answer::Wrong => Reached::WRONG,
        Answer::NotSeen => Reached::NOT_SEEN,
    };
    let payload = json!({
        "application_reachable": reached.reachable,
        "api_version": reached.version,
        "container_runtime_state": "not_observed",
        "healthy": reached.healthy(),
    });
    FRAME.seal(payload, &reached.not_observed(&FRAME, &OUTSIDE), reached.assessment())
}

fn judge(facts: &Value) -> Vec<Finding> {
    // A reading that failed speaks for itself; without one the version is null.
    let wrong = at(facts, &["application_reachable"]) == &Value::Bool(false) && at(facts, &["api_version"]).is_string();
    let finding = wrong.then(|| {
        let version = text_at(facts, &["api_version"]);
        let message = if version.is_empty() {
            "`api_version` is empty: the API answered, but without a version".to_owned()
        } else {
            format!("`application_reachable` is false: the API names version {version} and an error")
        };
        let step =
            "check that `baseURL` of the connection zabbix leads to the Zabbix frontend, with its path prefix if it has one";
        Finding::new(FindingKind::Facts, "api_reachability", "zabbix_without_version", &message).next_step(Some(step))
    });
    finding.into_iter().collect()
}

fn project(facts: &mut Map<String, Value>) {
    project_scope(facts, &FRAME, "application_reachable");
}
