//! `tecrax.network_management_posture`: what an inventory says of the way a device is managed.
//!
//! 1.1 names each component that the inventory leaves open. What is wrong is degraded, whatever else is open; without that, what nobody
//! saw is unknown, until the owner of the device answers for it: `accept` in the Check. Of a server that is off, neither versions nor
//! algorithms are open. 1.0 takes whatever is not wrong for seen, and calls it healthy.

use serde_json::{Map, Value, json};

use super::{SSH, SYSTEM};
use crate::api::{Assessment, Coverage};
use crate::facts::envelope::{Frame, NormalizeError, at, text_at, to_1_0};
use crate::facts::finding::{Finding, FindingKind};
use crate::facts::reading::{Context, Readings};
use crate::facts::subject::{Subject, always, joins_none, no_effects};
use crate::facts::text::collapse;

/// Longest contract id.
const ID_MAX: usize = 128;
/// Longest contract version.
const VERSION_MAX: usize = 32;
/// Stands in `not_observed` when the inventory is not complete.
const NOT_OBSERVED: &str = "one_or_more_management_fields";
/// Component: whether the server is on, and which versions of the protocol it speaks.
const PROTOCOLS: &str = "ssh_protocols";
/// Component: which algorithms it offers.
const CRYPTO: &str = "ssh_crypto";
/// Component: when an idle session ends.
const IDLE_TIMEOUT: &str = "idle_timeout";

const FRAME: Frame = Frame {
    id: "tecrax.network_management_posture",
    version: "1.1",
    requested: &[PROTOCOLS, CRYPTO, IDLE_TIMEOUT],
    non_claims: &["running_configuration", "port_security", "vlans", "firmware_compliance"],
};

pub(in crate::facts) const SUBJECT: Subject = Subject {
    normalizer: "assess_network_device_management_posture",
    state_key: "network_management_posture",
    components: &[(NOT_OBSERVED, &[SSH, SYSTEM])],
    sees: always,
    keys: &[],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects: no_effects,
    shows,
    project,
};

/// One thing that can be wrong.
struct Rule {
    component: &'static str,
    reason_code: &'static str,
    severity: &'static str,
    /// Whether it says that something is not known, rather than wrong.
    is_gap: bool,
    message: &'static str,
    next_step: &'static str,
}

const SERVER_OFF: Rule = Rule {
    component: PROTOCOLS,
    reason_code: "ssh_server_disabled",
    severity: "medium",
    is_gap: false,
    message: "the device says that its SSH server is off",
    next_step: "enable the SSH server of the device, and turn Telnet off",
};
const V2_OFF: Rule = Rule {
    component: PROTOCOLS,
    reason_code: "ssh_protocol_v2_disabled",
    severity: "high",
    is_gap: false,
    message: "the device says that version 2 of the SSH protocol is off",
    next_step: "enable version 2 of the SSH protocol on the device",
};
const V1_ON: Rule = Rule {
    component: PROTOCOLS,
    reason_code: "legacy_ssh_v1_enabled",
    severity: "high",
    is_gap: false,
    message: "the device still speaks version 1 of the SSH protocol",
    next_step: "disable version 1 of the SSH protocol on the device",
};
const OLD_CRYPTO: Rule = Rule {
    component: CRYPTO,
    reason_code: "legacy_ssh_crypto_observed",
    severity: "medium",
    is_gap: false,
    message: "the device offers outdated algorithms for SSH",
    next_step: "disable them on the device; the inventory names them in `hardening_observations.legacy_algorithms`",
};
const NO_IDLE_TIMEOUT: Rule = Rule {
    component: IDLE_TIMEOUT,
    reason_code: "ssh_idle_timeout_unknown",
    severity: "low",
    is_gap: true,
    message: "the device names no idle time-out for SSH sessions",
    next_step: "set an idle time-out on the device, or let the wrapper print it",
};
const NO_MAX_CLIENTS: Rule = Rule {
    component: PROTOCOLS,
    reason_code: "ssh_max_clients_unknown",
    severity: "low",
    is_gap: true,
    message: "the device names no limit of SSH sessions",
    next_step: "set a limit on the device, or let the wrapper print it",
};
const RULES: [&Rule; 6] = [&SERVER_OFF, &V2_OFF, &V1_ON, &OLD_CRYPTO, &NO_IDLE_TIMEOUT, &NO_MAX_CLIENTS];

/// One thing that a complete inventory may leave open.
struct Open {
    component: &'static str,
    reason_code: &'static str,
    message: &'static str,
    next_step: &'static str,
}

const OPEN: [&Open; 2] = [
    &Open {
        component: PROTOCOLS,
        reason_code: "ssh_protocols_not_observed",
        message: "the device does not say which versions of the SSH protocol are on; where it never does, its Check has to `accept` that",
        next_step: "let the wrapper print whether version 1 is on; for a device that never says it, write into the Check: accept: \
            [{finding: ssh_protocols_not_observed, reason: WHY, owner: WHO, expires: \"YYYY-12-31T00:00:00Z\"}]",
    },
    &Open {
        component: CRYPTO,
        reason_code: "ssh_crypto_not_observed",
        message: "the device names no algorithm of its SSH server; where it never does, its Check has to `accept` that",
        next_step: "let the wrapper print the algorithms with their states; for a device that never names them (HPE V1910), write into the \
            Check: accept: [{finding: ssh_crypto_not_observed, reason: WHY, owner: WHO, expires: \"YYYY-12-31T00:00:00Z\"}]",
    },
];

fn normalize(readings: &Readings, context: &Context<'_>) -> Result<Value, NormalizeError> {
    assess(&super::normalize(readings, context)?)
}

/// The posture that follows from the facts of an inventory, of any version; anything else is an empty inventory.
///
/// # Errors
/// [`NormalizeError::InvalidFacts`] when the inventory does not name its contract properly.
pub fn assess(inventory: &Value) -> Result<Value, NormalizeError> {
    let access = |key: &str| at(inventory, &["management_access", key]);
    let hardening = |key: &str| at(inventory, &["hardening_observations", key]);
    let is = |value: &Value, flag: bool| *value == Value::Bool(flag);
    let unknown = |value: &Value| value.as_u64().is_none_or(|number| number == 0);
    let conditions = [
        is(access("ssh_server_enabled"), false),
        is(access("ssh_protocol_v2_enabled"), false),
        is(hardening("legacy_ssh_v1_enabled"), true),
        is(hardening("legacy_crypto_observed"), true),
        unknown(access("idle_timeout_seconds")),
        unknown(access("max_clients")),
    ];
    let findings: Vec<Value> = RULES
        .iter()
        .zip(conditions)
        .filter(|(_, holds)| *holds)
        .map(|(rule, _)| json!({"reason_code": rule.reason_code, "severity": rule.severity}))
        .collect();
    let complete = is_truthy(at(inventory, &["complete"]));
    let contract = at(inventory, &["contract"]);
    let source = contract.is_object().then(|| {
        json!({
            "id": collapse(text_at(contract, &["id"]), ID_MAX),
            "version": collapse(text_at(contract, &["version"]), VERSION_MAX),
        })
    });
    let protocols = [access("ssh_server_enabled"), access("ssh_protocol_v2_enabled"), hardening("legacy_ssh_v1_enabled")];
    let mut not_observed = Vec::new();
    if !complete {
        not_observed.push(NOT_OBSERVED);
    } else if !is(access("ssh_server_enabled"), false) {
        // A server that is off speaks no version and offers no algorithm.
        not_observed.extend((!protocols.iter().all(|value| value.is_boolean())).then_some(PROTOCOLS));
        not_observed.extend((!hardening("legacy_crypto_observed").is_boolean()).then_some(CRYPTO));
    }
    let assessment = match (complete, findings.is_empty(), not_observed.is_empty()) {
        (true, false, _) => Assessment::Degraded,
        (true, true, true) => Assessment::Healthy,
        (false, ..) | (true, true, false) => Assessment::Unknown,
    };
    let payload = json!({"source_inventory_contract": source, "findings": findings, "complete": complete});
    let mut facts = FRAME.seal(payload, &not_observed, assessment)?;
    if let (false, Some(observed)) = (complete, facts.pointer_mut("/scope/observed")) {
        // Nobody can say which of the three was seen.
        *observed = json!([]);
    }
    Ok(facts)
}

/// Whether the value counts as true: everything but null, false, zero and what is empty.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// What is not known is no finding of its own as long as the inventory is not complete: then it was not looked at.
fn judge(facts: &Value) -> Vec<Finding> {
    let complete = at(facts, &["complete"]) == &Value::Bool(true);
    let codes: Vec<&str> =
        at(facts, &["findings"]).as_array().into_iter().flatten().map(|finding| text_at(finding, &["reason_code"])).collect();
    let wrong = RULES.iter().filter(|rule| codes.contains(&rule.reason_code) && (complete || !rule.is_gap)).map(|rule| {
        let message = format!("`findings` has {}: {}", rule.reason_code, rule.message);
        Finding::new(FindingKind::Facts, rule.component, rule.reason_code, &message).next_step(Some(rule.next_step))
    });
    let not_observed = at(facts, &["scope", "not_observed"]);
    let is_open = |open: &&&Open| not_observed.as_array().is_some_and(|list| list.iter().any(|one| *one == open.component));
    let open = OPEN.iter().filter(is_open).map(|open| {
        let message = format!("{} was not observed: {}", open.component, open.message);
        Finding::new(FindingKind::Facts, open.component, open.reason_code, &message).next_step(Some(open.next_step))
    });
    wrong.chain(open).collect()
}

/// A complete inventory judges these three, also where it does not say whether version 1 is on and `ssh_protocols` stays open for that.
fn shows(facts: &Value, reason_code: &str) -> Option<bool> {
    let judged = [&SERVER_OFF, &V2_OFF, &NO_MAX_CLIENTS].iter().any(|rule| rule.reason_code == reason_code);
    judged.then(|| at(facts, &["complete"]) == &Value::Bool(true))
}

fn project(facts: &mut Map<String, Value>) {
    if facts.get("complete") == Some(&Value::Bool(true)) {
        let wrong = facts.get("findings").and_then(Value::as_array).is_some_and(|findings| !findings.is_empty());
        let assessment = if wrong { Assessment::Degraded } else { Assessment::Healthy };
        facts.insert("assessment".into(), json!({"state": assessment.as_str()}));
        facts.insert("coverage".into(), json!({"state": Coverage::Complete.as_str(), "blockers": []}));
        let scope = json!({"requested": FRAME.requested, "observed": FRAME.requested, "not_observed": []});
        facts.insert("scope".into(), scope);
    }
    to_1_0(facts, None);
}
