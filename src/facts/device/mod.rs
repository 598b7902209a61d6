//! `tecrax.network_device_inventory`: what a switch says of itself and of its SSH server; and `tecrax.network_management_posture`, which
//! judges that.
//!
//! Two families are read: TP-Link SG2452 and HPE V1910 with Comware 5. What any other device prints is never guessed at: everything
//! stays open and the inventory is not complete.
//!
//! 1.1 of the inventory names the family and the outdated algorithms, and leaves open (null) what nobody saw: 1.0 says false there.

mod comware;
mod crypto;
mod fields;
mod posture;
mod tplink;

use serde_json::{Map, Value, json};

use super::envelope::{Frame, NormalizeError, at, to_1_0};
use super::finding::{Finding, FindingKind};
use super::number::clamp_count;
use super::reading::{Context, Readings, stdout};
use super::subject::{Subject, always, joins_none, no_effects};
use super::text::{collapse, lower};
use crate::api::Assessment;

pub(super) use posture::SUBJECT as POSTURE;
pub use posture::assess as assess_management_posture;

/// The step that prints what the device is.
const SYSTEM: &str = "read_network_device_system_info";
/// The step that prints the state of its SSH server.
const SSH: &str = "read_network_device_ssh_status";
/// Longest name or version.
const NAME_MAX: usize = 128;
/// Longest description.
const TEXT_MAX: usize = 256;
/// What 1.0 says instead of the components that were not observed.
const NOT_OBSERVED_1_0: &str = "one_or_more_device_fields";

/// Reason code of a device of a family that is not read.
const FAMILY_UNKNOWN: &str = "device_family_unknown";

const FRAME: Frame = Frame {
    id: "tecrax.network_device_inventory",
    version: "1.1",
    requested: &["device_identity", "ssh_management_posture"],
    non_claims: &["running_configuration", "vlans", "ports", "snmp_telemetry"],
};

pub(super) const SUBJECT: Subject = Subject {
    normalizer: "normalize_network_device_inventory",
    state_key: "network_device_inventory",
    components: &[("device_identity", &[SYSTEM]), ("ssh_management_posture", &[SSH])],
    sees: always,
    keys: &[
        ("device", "device_identity"),
        // Either output may name it.
        ("device.family", "ssh_management_posture"),
        ("management_access", "ssh_management_posture"),
        ("hardening_observations", "ssh_management_posture"),
    ],
    joined: joins_none,
    frame: &FRAME,
    normalize,
    judge,
    effects: no_effects,
    shows,
    project,
};

/// What the two texts say, in the words of no vendor.
#[derive(Debug, Default)]
struct Device {
    system_name: String,
    system_description: String,
    hardware_version: String,
    software_version: String,
    server: Option<bool>,
    v1: Option<bool>,
    v2: Option<bool>,
    idle_timeout: Option<i128>,
    max_clients: Option<i128>,
}

/// A family that can be read.
#[derive(Debug, Clone, Copy)]
enum Family {
    TpLinkSg2452,
    HpeV1910,
}

impl Family {
    /// The family that the texts name; a TP-Link marker decides.
    fn of(system: &str, ssh: &str) -> Option<Self> {
        let text = lower(&format!("{system}\n{ssh}"));
        if text.contains("tl-sg2452") {
            Some(Self::TpLinkSg2452)
        } else if text.contains("v1910") && ["hpe", "hp ", "comware"].iter().any(|marker| text.contains(marker)) {
            Some(Self::HpeV1910)
        } else {
            None
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::TpLinkSg2452 => "tplink_sg2452_v1",
            Self::HpeV1910 => "hpe_v1910_comware5",
        }
    }

    fn read(self, system: &str, ssh: &str) -> Device {
        match self {
            Self::TpLinkSg2452 => tplink::read(system, ssh),
            Self::HpeV1910 => comware::read(system, ssh),
        }
    }
}

fn normalize(readings: &Readings, context: &Context<'_>) -> Result<Value, NormalizeError> {
    let (system, ssh) = (stdout(readings, SYSTEM), stdout(readings, SSH));
    let (system_text, ssh_text) = (system.unwrap_or_default(), ssh.unwrap_or_default());
    let family = Family::of(system_text, ssh_text);
    let device = family.map(|family| family.read(system_text, ssh_text)).unwrap_or_default();
    let legacy = family.and_then(|_| crypto::legacy(ssh_text));

    let bounded = |text: &str, limit: usize| collapse(text, limit);
    let names = [&device.system_name, &device.hardware_version, &device.software_version];
    let identified = names.iter().all(|name| !bounded(name, NAME_MAX).is_empty());
    let managed = device.server.is_some() && device.v2.is_some();
    let mut not_observed = Vec::new();
    if !identified {
        not_observed.push("device_identity");
    }
    if !managed {
        not_observed.push("ssh_management_posture");
    }
    let complete = identified && managed;
    let payload = json!({
        "target": bounded(context.target, NAME_MAX),
        "observation_scope": "network_cli_readonly",
        "device": {
            "family": family.map(Family::name),
            "system_name": bounded(&device.system_name, NAME_MAX),
            "system_description": bounded(&device.system_description, TEXT_MAX),
            "hardware_version": bounded(&device.hardware_version, NAME_MAX),
            "software_version": bounded(&device.software_version, NAME_MAX),
        },
        "management_access": {
            "ssh_server_enabled": device.server,
            "ssh_protocol_v1_enabled": device.v1,
            "ssh_protocol_v2_enabled": device.v2,
            "idle_timeout_seconds": device.idle_timeout.map(clamp_count),
            "max_clients": device.max_clients.map(clamp_count),
        },
        "hardening_observations": {
            "legacy_ssh_v1_enabled": device.v1,
            "legacy_crypto_observed": legacy.as_ref().map(|names| !names.is_empty()),
            "legacy_algorithms": legacy,
            "mutations_observed": false,
        },
        "complete": complete,
    });
    FRAME.seal(payload, &not_observed, if complete { Assessment::Healthy } else { Assessment::Unknown })
}

/// The family may be known of a device that does not name everything else.
fn shows(facts: &Value, reason_code: &str) -> Option<bool> {
    (reason_code == FAMILY_UNKNOWN).then(|| !at(facts, &["device", "family"]).is_null())
}

fn judge(facts: &Value) -> Vec<Finding> {
    if !at(facts, &["device", "family"]).is_null() {
        return Vec::new();
    }
    let message = "`device.family` is null: the wrapper's output names no family that this version reads \
        (TP-Link SG2452, HPE V1910 with Comware 5)";
    let step = "let the wrapper print the model of the device; other families need a later version";
    vec![Finding::new(FindingKind::Facts, "device_identity", FAMILY_UNKNOWN, message).next_step(Some(step))]
}

fn project(facts: &mut Map<String, Value>) {
    to_1_0(facts, Some(NOT_OBSERVED_1_0));
    if let Some(Value::Object(device)) = facts.get_mut("device") {
        device.remove("family");
    }
    let Some(Value::Object(observed)) = facts.get_mut("hardening_observations") else { return };
    observed.remove("legacy_algorithms");
    for key in ["legacy_ssh_v1_enabled", "legacy_crypto_observed"] {
        if observed.get(key).is_none_or(Value::is_null) {
            observed.insert(key.into(), false.into());
        }
    }
}
