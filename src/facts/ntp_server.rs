//! `tecrax.ntp_server_observation`: what the time daemon says of itself to somebody on its own machine.
//!
//! 1.1 names the daemon that was discovered (`service`), leaves open what was not observed, and names each component that was not.
//! Seen and wrong is degraded, whatever else is missing; not seen is unknown. Without any known daemon nobody can say what should
//! serve time, so that is unknown, too.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::envelope::{Frame, NormalizeError, at, fill, text_at, to_1_0};
use super::finding::{Finding, FindingKind};
use super::ntp::{NOT_FOUND, discovered};
use super::number::{clamp_count, clamp_signed, float, integer};
use super::reading::{Context, Readings, stdout};
use super::subject::{Subject, always, by_scope, joins_none};
use super::text::{cut, part, trim};
use super::unit_state::is_up;
use crate::api::Assessment;

/// Largest value of a variable.
const VALUE_MAX: usize = 32;
/// Strata of a server that is synchronized.
const STRATA: std::ops::RangeInclusive<i128> = 1..=15;
/// A leap indicator that says "not synchronized": as a number, and as the two bits that `ntpq` prints.
const LEAP_ALARM: [i128; 2] = [3, 11];
/// What fails when the daemon does not run: the step that asks it.
pub(super) const EFFECTS: [&str; 1] = ["read_ntp_server_variables"];
/// Reason code of a daemon that does not run.
pub(super) const NOT_ACTIVE: &str = "ntp_server_daemon_not_active";
/// Names of the variables, each with the component it shows.
const VARIABLES: [(&str, &str); 5] = [
    ("stratum", "stratum"),
    ("leap", "leap"),
    ("offset", "offset"),
    ("rootdelay", "root_delay"),
    ("rootdisp", "root_dispersion"),
];
/// What 1.0 says instead of naming components.
const NOT_OBSERVED_1_0: &str = "one_or_more_ntp_server_fields";

const FRAME: Frame = Frame {
    id: "tecrax.ntp_server_observation",
    version: "1.1",
    requested: &["daemon_state", "stratum", "leap", "offset", "root_delay", "root_dispersion"],
    non_claims: &["peer_identity", "peer_address", "remote_client_reachability", "firewall_state"],
};

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_ntp_server_observation",
    state_key: "ntp_server_observation",
    components: &[
        ("daemon_state", &["read_ntp_daemon_units", "read_ntp_service_state"]),
        ("stratum", &["read_ntp_server_variables"]),
        ("leap", &["read_ntp_server_variables"]),
        ("offset", &["read_ntp_server_variables"]),
        ("root_delay", &["read_ntp_server_variables"]),
        ("root_dispersion", &["read_ntp_server_variables"]),
    ],
    sees: always,
    keys: &[
        ("service", "daemon_state"),
        ("daemon_state", "daemon_state"),
        ("system_variables.stratum", "stratum"),
        ("system_variables.leap", "leap"),
        ("system_variables.offset_ms", "offset"),
        ("system_variables.root_delay_ms", "root_delay"),
        ("system_variables.root_dispersion_ms", "root_dispersion"),
    ],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects,
    shows: by_scope,
    project,
};

fn normalize(readings: &Readings, _: &Context<'_>) -> Result<Value, NormalizeError> {
    let daemon = discovered(readings);
    let state = daemon.as_ref().map(|daemon| daemon.state.as_str());
    let variables = variables(stdout(readings, "read_ntp_server_variables").unwrap_or_default());
    let whole = |name: &str| variables.get(name).and_then(|text| integer(text));
    let real = |name: &str| variables.get(name).and_then(|text| float(text)).map(clamp_signed);
    let (stratum, leap) = (whole("stratum"), whole("leap"));

    let stopped = state.is_some_and(|state| state != NOT_FOUND && !is_up(state));
    let wrong = stopped || stratum.is_some_and(|stratum| !STRATA.contains(&stratum)) || leap.is_some_and(is_alarm);
    let healthy = !wrong && state.is_some_and(is_up) && stratum.is_some() && leap.is_some();
    let assessment = match (wrong, healthy) {
        (true, _) => Assessment::Degraded,
        (false, true) => Assessment::Healthy,
        (false, false) => Assessment::Unknown,
    };
    let payload = json!({
        "service": daemon.as_ref().and_then(|daemon| daemon.name.as_deref()),
        "daemon_state": state,
        "serving_state": if variables.is_empty() { "unknown" } else { "local_daemon_query_available" },
        "system_variables": {
            "stratum": stratum.map(clamp_count),
            "leap": leap.map(clamp_count),
            "offset_ms": real("offset"),
            "root_delay_ms": real("rootdelay"),
            "root_dispersion_ms": real("rootdisp"),
        },
        "healthy": healthy,
    });
    let said = |name: &str| if matches!(name, "stratum" | "leap") { whole(name).is_some() } else { real(name).is_some() };
    let silent = VARIABLES.iter().filter(|(name, _)| !said(name)).map(|(_, component)| *component);
    let not_observed: Vec<&str> = state.is_none().then_some("daemon_state").into_iter().chain(silent).collect();
    FRAME.seal(payload, &not_observed, assessment)
}

/// The known ones of the `name=value` pieces between commas; the last of a name counts.
fn variables(text: &str) -> BTreeMap<&'static str, String> {
    let text = text.replace('\n', " ");
    let pairs = text.split(',').filter_map(|piece| part(trim(piece), '='));
    pairs
        .filter_map(|(key, value)| {
            let (name, _) = VARIABLES.iter().find(|(name, _)| *name == key)?;
            Some((*name, cut(trim(value), VALUE_MAX).to_owned()))
        })
        .collect()
}

/// A daemon that does not run can not be asked: that is no second thing.
fn effects(facts: &Value) -> &'static [&'static str] {
    let state = text_at(facts, &["daemon_state"]);
    if state.is_empty() || is_up(state) { &[] } else { &EFFECTS }
}

fn is_alarm(leap: i128) -> bool {
    LEAP_ALARM.contains(&leap)
}

fn judge(facts: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |component: &str, code: &str, message: &str, step: &str| {
        findings.push(Finding::new(FindingKind::Facts, component, code, message).next_step(Some(step)));
    };
    let (service, state) = (text_at(facts, &["service"]), text_at(facts, &["daemon_state"]));
    if state == NOT_FOUND {
        add(
            "daemon_state",
            "ntp_server_daemon_not_found",
            "`daemon_state` is not-found: none of chrony, ntpsec, ntp and systemd-timesyncd is installed as a unit",
            "install ntpsec or ntp on the target, or take the Check off it",
        );
    } else if !state.is_empty() && !is_up(state) {
        add(
            "daemon_state",
            NOT_ACTIVE,
            &format!("`daemon_state` is {state}: the daemon {service} does not run"),
            &format!("look at `systemctl status {service}` on the target"),
        );
    }
    let number = |key: &str| at(facts, &["system_variables", key]).as_u64().map(i128::from);
    let peers = "look at `ntpq -pn` on the target: a server that has no reachable source of its own must not serve time";
    // Without synchronization the stratum is 16: one thing, said once.
    if let Some(leap) = number("leap").filter(|leap| is_alarm(*leap)) {
        let message = format!("`system_variables.leap` is {leap}: the daemon says that its clock is not synchronized");
        add("leap", "ntp_server_not_synchronized", &message, peers);
    } else if let Some(stratum) = number("stratum").filter(|stratum| !STRATA.contains(stratum)) {
        let message = format!("`system_variables.stratum` is {stratum}, wanted 1 to 15: the daemon has no source of time");
        add("stratum", "ntp_server_bad_stratum", &message, peers);
    }
    findings
}

/// 1.0 is complete when the daemon is active and gave both whole numbers, and says nothing else than unknown when it is not.
fn project(facts: &mut Map<String, Value>) {
    facts.remove("service");
    let has = |key: &str| facts.get("system_variables").and_then(|variables| variables.get(key)).is_some_and(Value::is_u64);
    let complete = facts.get("daemon_state").and_then(Value::as_str).is_some_and(is_up) && has("stratum") && has("leap");
    let (observed, missing, coverage): (&[&str], &[&str], &str) =
        if complete { (FRAME.requested, &[], "complete") } else { (&[], &[NOT_OBSERVED_1_0], "partial") };
    facts.insert("scope".into(), json!({"requested": FRAME.requested, "observed": observed, "not_observed": missing}));
    facts.insert("coverage".into(), json!({"state": coverage, "blockers": []}));
    if !complete {
        facts.insert("assessment".into(), json!({"state": Assessment::Unknown.as_str()}));
    }
    to_1_0(facts, None);
    fill(facts, &["daemon_state"], &"not_observed".into());
}
