//! `tecrax.host_security_posture`: five signals that need no privilege.
//!
//! 1.1 leaves open what was not observed (`unattended_upgrades_enabled` and `reboot_required` may be null) and names each
//! component that was not. Seen and wrong is degraded, whatever else is missing; not seen is unknown.

mod updates;

use serde_json::{Map, Value, json};

use super::envelope::{Frame, NormalizeError, at, to_1_0};
use super::finding::{Finding, FindingKind};
use super::number::{clamp_count, integer};
use super::reading::{Context, Readings, both, stdout};
use super::subject::{Subject, always, by_scope, joins_none, no_effects};
use super::text::collapse;
use crate::api::Assessment;
use updates::Updates;

/// Largest state word or marker.
const WORD_MAX: usize = 32;
/// Characters of a kernel parameter that are read.
const PARAMETER_MAX: usize = 8;
/// States of a unit file that say whether it is enabled.
const UNIT_FILE_STATES: [&str; 4] = ["enabled", "disabled", "static", "masked"];
/// Name of the marker file, as `find` prints it.
const REBOOT_MARKER: &str = "reboot-required";
/// Full address space randomisation.
const ASLR_FULL: i128 = 2;
/// Kernel messages for root only.
const DMESG_RESTRICTED: i128 = 1;

const FRAME: Frame = Frame {
    id: "tecrax.host_security_posture",
    version: "1.1",
    requested: &["unattended_upgrades", "available_updates", "aslr", "dmesg_restrict", "reboot_required"],
    non_claims: &["cis_compliance", "users", "package_names", "repositories", "ports", "ssh_configuration"],
};

/// What 1.0 says instead of naming components.
const NOT_OBSERVED_1_0: &str = "one_or_more_security_signals";

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_host_security_posture",
    state_key: "host_security_posture",
    components: &[
        ("unattended_upgrades", &["read_unattended_upgrades_state"]),
        ("available_updates", &["read_available_updates_summary"]),
        ("aslr", &["read_aslr_state"]),
        ("dmesg_restrict", &["read_dmesg_restrict_state"]),
        ("reboot_required", &["read_reboot_required_marker"]),
    ],
    sees: always,
    keys: &[
        ("signals.unattended_upgrades_enabled", "unattended_upgrades"),
        ("signals.available_updates", "available_updates"),
        ("signals.aslr_mode", "aslr"),
        ("signals.dmesg_restrict", "dmesg_restrict"),
        ("signals.reboot_required", "reboot_required"),
    ],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects: no_effects,
    shows: by_scope,
    project,
};

fn normalize(readings: &Readings, _: &Context<'_>) -> Result<Value, NormalizeError> {
    let word = |step: &str, limit: usize| stdout(readings, step).map(|text| collapse(text, limit));
    let enabled = word("read_unattended_upgrades_state", WORD_MAX)
        .filter(|state| UNIT_FILE_STATES.contains(&state.as_str()))
        .map(|state| state == "enabled");
    let updates = both(readings, "read_available_updates_summary").and_then(|(out, err)| Updates::read(out, err));
    let parameter = |step: &str| word(step, PARAMETER_MAX).and_then(|text| integer(&text));
    let (aslr, dmesg) = (parameter("read_aslr_state"), parameter("read_dmesg_restrict_state"));
    let reboot = word("read_reboot_required_marker", WORD_MAX).map(|name| name == REBOOT_MARKER);

    let signals = [
        ("unattended_upgrades", enabled),
        ("available_updates", updates.as_ref().map(|updates| updates.security() == 0)),
        ("aslr", aslr.map(|mode| mode == ASLR_FULL)),
        ("dmesg_restrict", dmesg.map(|mode| mode == DMESG_RESTRICTED)),
        ("reboot_required", reboot.map(|required| !required)),
    ];
    let not_observed: Vec<&str> = signals.iter().filter(|(_, good)| good.is_none()).map(|(name, _)| *name).collect();
    let complete = not_observed.is_empty();
    let degraded = signals.iter().any(|(_, good)| *good == Some(false));
    let assessment = match (degraded, complete) {
        (true, _) => Assessment::Degraded,
        (false, true) => Assessment::Healthy,
        (false, false) => Assessment::Unknown,
    };
    let payload = json!({
        "signals": {
            "unattended_upgrades_enabled": enabled,
            "available_updates": updates::facts(updates.as_ref()),
            "aslr_mode": aslr.map(clamp_count),
            "dmesg_restrict": dmesg.map(clamp_count),
            "reboot_required": reboot,
        },
        "complete": complete,
        "healthy": complete && !degraded,
    });
    FRAME.seal(payload, &not_observed, assessment)
}

fn judge(facts: &Value) -> Vec<Finding> {
    let flag = |key: &str| at(facts, &["signals", key]).as_bool();
    let count = |path: &[&str]| at(at(facts, &["signals"]), path).as_u64();
    let mut findings = Vec::new();
    let mut add = |component: &str, code: &str, message: &str, step: &str| {
        findings.push(Finding::new(FindingKind::Facts, component, code, message).next_step(Some(step)));
    };
    if flag("unattended_upgrades_enabled") == Some(false) {
        add(
            "unattended_upgrades",
            "unattended_upgrades_off",
            "`signals.unattended_upgrades_enabled` is false: security updates do not install themselves",
            "enable the unit unattended-upgrades on the target, or accept this finding where patching is done otherwise",
        );
    }
    if let Some(pending) = count(&["available_updates", "security"]).filter(|pending| *pending > 0) {
        add(
            "available_updates",
            "security_updates_pending",
            &format!("`signals.available_updates.security` is {pending}: security updates wait to be installed"),
            "install the pending security updates on the target",
        );
    }
    if let Some(mode) = count(&["aslr_mode"]).filter(|mode| i128::from(*mode) != ASLR_FULL) {
        add(
            "aslr",
            "aslr_not_full",
            &format!("`signals.aslr_mode` is {mode}: address space randomisation is not full (2)"),
            "set kernel.randomize_va_space to 2 on the target",
        );
    }
    if let Some(mode) = count(&["dmesg_restrict"]).filter(|mode| i128::from(*mode) != DMESG_RESTRICTED) {
        add(
            "dmesg_restrict",
            "dmesg_unrestricted",
            &format!("`signals.dmesg_restrict` is {mode}: every user may read kernel messages"),
            "set kernel.dmesg_restrict to 1 on the target",
        );
    }
    if flag("reboot_required") == Some(true) {
        add(
            "reboot_required",
            "reboot_required",
            "`signals.reboot_required` is true: an installed update takes effect after a reboot",
            "plan a reboot of the target",
        );
    }
    findings
}

fn project(facts: &mut Map<String, Value>) {
    to_1_0(facts, Some(NOT_OBSERVED_1_0));
    let Some(Value::Object(signals)) = facts.get_mut("signals") else { return };
    for key in ["unattended_upgrades_enabled", "reboot_required"] {
        if signals.get(key).is_none_or(Value::is_null) {
            signals.insert(key.into(), false.into());
        }
    }
}
