//! `tecrax.ntp_local_health`: whether the clock is synchronized and a daemon keeps it so.
//!
//! 1.1 leaves open what was not observed: `synchronized`, `systemd_ntp_enabled`, `service` and `service_state` may be null, and
//! `service` names the daemon that was discovered. Seen and wrong is unhealthy, whatever else is missing; not seen is unknown. That there
//! is no known daemon was seen, and is unknown all the same: something else may keep the clock. 1.0 calls that not observed.

mod daemon;

use serde_json::{Map, Value, json};

use super::envelope::{Frame, NormalizeError, at, text_at, to_1_0};
use super::finding::{Finding, FindingKind};
use super::reading::{Context, Readings, stdout};
use super::subject::{Subject, always, joins_none, no_effects};
use super::text::{collapse, cut, lines, lower, part, trim};
use super::unit_state::is_up;
use crate::api::{Assessment, Coverage};
use daemon::Daemon;

/// Largest value or state word.
const WORD_MAX: usize = 32;
/// State of a daemon that does not exist.
pub(super) const NOT_FOUND: &str = "not-found";
/// Component: which daemon there is, and whether it runs.
const DAEMON_STATE: &str = "daemon_state";
/// Reason code of a clock that is not synchronized.
const NOT_SYNCHRONIZED: &str = "ntp_not_synchronized";
/// Reason code of a host without a known daemon.
const DAEMON_NOT_FOUND: &str = "ntp_daemon_not_found";
/// Reason code of a daemon that does not run.
const DAEMON_NOT_ACTIVE: &str = "ntp_daemon_not_active";

const FRAME: Frame = Frame {
    id: "tecrax.ntp_local_health",
    version: "1.1",
    requested: &["local_synchronization", DAEMON_STATE],
    non_claims: &["server_serving_state", "peer_identity", "offset", "stratum"],
};

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_ntp_health",
    state_key: "ntp_health",
    components: &[
        ("local_synchronization", &["read_ntp_sync_state"]),
        (DAEMON_STATE, &["read_ntp_daemon_units", "read_ntp_service_state"]),
    ],
    sees: always,
    keys: &[
        ("synchronized", "local_synchronization"),
        ("systemd_ntp_enabled", "local_synchronization"),
        ("service", DAEMON_STATE),
        ("service_state", DAEMON_STATE),
    ],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects: no_effects,
    shows,
    project,
};

fn normalize(readings: &Readings, _: &Context<'_>) -> Result<Value, NormalizeError> {
    let sync = stdout(readings, "read_ntp_sync_state");
    let flag = |key: &str| sync.map(|text| lower(property(text, key)) == "yes");
    let (synchronized, enabled) = (flag("NTPSynchronized"), flag("NTP"));
    let daemon = discovered(readings);
    let state = daemon.as_ref().map(|daemon| daemon.state.as_str());

    let healthy = synchronized == Some(true) && state.is_some_and(is_up);
    let absent_daemon = state.is_none() || state == Some(NOT_FOUND);
    let assessment = if healthy {
        Assessment::Healthy
    } else if synchronized == Some(false) || !(absent_daemon || state.is_some_and(is_up)) {
        Assessment::Unhealthy
    } else {
        Assessment::Unknown
    };
    let mut not_observed = Vec::new();
    if synchronized.is_none() {
        not_observed.push("local_synchronization");
    }
    if state.is_none() {
        not_observed.push(DAEMON_STATE);
    }
    let payload = json!({
        "synchronized": synchronized,
        "systemd_ntp_enabled": enabled,
        "service": daemon.as_ref().and_then(|daemon| daemon.name.as_deref()),
        "service_state": state,
        "healthy": healthy,
    });
    FRAME.seal(payload, &not_observed, assessment)
}

/// The last value of `key` in `KEY=value` lines.
fn property<'a>(text: &'a str, key: &str) -> &'a str {
    let value = lines(text).filter_map(|line| part(line, '=')).filter(|(name, _)| *name == key).last();
    cut(value.map_or("", |(_, value)| trim(value)), WORD_MAX)
}

/// The discovered daemon; else the one unit that recorded readings ask for, `ntp`.
pub(super) fn discovered(readings: &Readings) -> Option<Daemon> {
    if let Some(units) = stdout(readings, "read_ntp_daemon_units") {
        return daemon::discover(units);
    }
    let state = collapse(&collapse(stdout(readings, "read_ntp_service_state")?, WORD_MAX), WORD_MAX);
    (!state.is_empty()).then(|| Daemon { name: Some("ntp".into()), state })
}

fn judge(facts: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |code: &str, message: &str, step: &str| {
        findings.push(Finding::new(FindingKind::Facts, "ntp", code, message).next_step(Some(step)));
    };
    if at(facts, &["synchronized"]) == &Value::Bool(false) {
        add(
            NOT_SYNCHRONIZED,
            "`synchronized` is false: the system clock is not synchronized",
            "look at `timedatectl` and at the daemon's sources on the target",
        );
    }
    let (service, state) = (text_at(facts, &["service"]), text_at(facts, &["service_state"]));
    if state == NOT_FOUND {
        add(
            DAEMON_NOT_FOUND,
            "`service_state` is not-found: none of chrony, ntpsec, ntp and systemd-timesyncd is installed as a unit",
            "install one of them on the target, or accept this finding where something else keeps the clock",
        );
    } else if !state.is_empty() && !is_up(state) {
        add(
            DAEMON_NOT_ACTIVE,
            &format!("`service_state` is {state}: the daemon {service} does not run"),
            &format!("look at `systemctl status {service}` on the target"),
        );
    }
    findings
}

/// Both things are said of one component, `ntp`, and are seen by one reading each.
fn shows(facts: &Value, reason_code: &str) -> Option<bool> {
    let seen = |key: &str| Some(!at(facts, &[key]).is_null());
    match reason_code {
        NOT_SYNCHRONIZED => seen("synchronized"),
        DAEMON_NOT_FOUND | DAEMON_NOT_ACTIVE => seen("service_state"),
        _ => None,
    }
}

fn project(facts: &mut Map<String, Value>) {
    if facts.get("service_state").and_then(Value::as_str) == Some(NOT_FOUND) {
        facts.insert("coverage".into(), json!({"state": Coverage::Partial.as_str(), "blockers": []}));
        if let Some(Value::Object(scope)) = facts.get_mut("scope") {
            for (key, is_missing) in [("observed", false), ("not_observed", true)] {
                let Some(Value::Array(list)) = scope.get_mut(key) else { continue };
                list.retain(|one| one != DAEMON_STATE);
                list.extend(is_missing.then(|| DAEMON_STATE.into()));
            }
        }
    }
    to_1_0(facts, None);
    let fallbacks = [
        ("synchronized", json!(false)),
        ("systemd_ntp_enabled", json!(false)),
        ("service", json!("ntp")),
        ("service_state", json!("not_observed")),
    ];
    for (key, fallback) in fallbacks {
        if facts.get(key).is_none_or(Value::is_null) {
            facts.insert(key.into(), fallback);
        }
    }
}
