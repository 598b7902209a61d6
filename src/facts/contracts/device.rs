//! What is said of a network device.

use serde_json::{Map, Value};

use super::Contract;
use super::check::Check::{List, Object, Root, Rule};
use super::check::Kind::{Count, Filled, FilledOrNull, FilledWhenComplete, Flag, FlagOrNull, Text};
use super::check::{Check, Field};

/// Largest name or target.
const NAME_MAX: usize = 128;
/// Largest scope word or reason code.
const WORD_MAX: usize = 64;
/// Largest description.
const TEXT_MAX: usize = 256;
/// Largest severity.
const SEVERITY_MAX: usize = 16;
/// Most findings.
const FINDINGS_MAX: usize = 16;
/// Most outdated algorithms.
const ALGORITHMS_MAX: usize = 16;

pub(super) const CONTRACTS: &[Contract] = &[
    Contract {
        id: "tecrax.network_device_inventory",
        version: "1.0",
        schema_ref: Some("schemas/network_device_inventory.v1.schema.json"),
        required: &["target", "device", "management_access"],
        checks: &[ROOT, DEVICE, ACCESS, hardening(&HARDENING), Rule(nothing_was_changed)],
    },
    Contract {
        id: "tecrax.network_device_inventory",
        version: "1.1",
        schema_ref: Some("schemas/network_device_inventory.v1.1.schema.json"),
        required: &["target", "device", "management_access"],
        checks: &[
            ROOT,
            DEVICE,
            DEVICE_FAMILY,
            ACCESS,
            hardening(&HARDENING_1_1),
            Rule(nothing_was_changed),
            Rule(legacy_algorithms),
        ],
    },
    posture("1.0", "schemas/network_management_posture.v1.schema.json"),
    posture("1.1", "schemas/network_management_posture.v1.1.schema.json"),
];

/// Versions of the posture differ in what they conclude, not in their shape.
const fn posture(version: &'static str, schema_ref: &'static str) -> Contract {
    Contract {
        id: "tecrax.network_management_posture",
        version,
        schema_ref: Some(schema_ref),
        required: &["findings", "source_inventory_contract"],
        checks: POSTURE,
    }
}

const POSTURE: &[Check] = &[
    Root(&[("complete", Flag)]),
    Object {
        path: &["source_inventory_contract"],
        optional: true,
        otherwise: "invalid_source_inventory_contract",
        field: "invalid_source_inventory_contract",
        fields: &[("id", Filled(NAME_MAX)), ("version", Filled(NAME_MAX))],
    },
    List {
        key: "findings",
        max: FINDINGS_MAX,
        optional: false,
        otherwise: "invalid_findings",
        entry: "invalid_finding",
        fields: &[("reason_code", Filled(WORD_MAX)), ("severity", Filled(SEVERITY_MAX))],
    },
];

const ROOT: Check = Root(&[("target", Filled(NAME_MAX)), ("observation_scope", Filled(WORD_MAX)), ("complete", Flag)]);

const DEVICE: Check = Object {
    path: &["device"],
    optional: false,
    otherwise: "invalid_device",
    field: "invalid_device",
    fields: &[
        ("system_name", FilledWhenComplete(NAME_MAX)),
        ("hardware_version", FilledWhenComplete(NAME_MAX)),
        ("software_version", FilledWhenComplete(NAME_MAX)),
        ("system_description", Text(TEXT_MAX)),
    ],
};

const ACCESS: Check = Object {
    path: &["management_access"],
    optional: false,
    otherwise: "invalid_management_access",
    field: "invalid_management_access",
    fields: &[
        ("ssh_server_enabled", FlagOrNull),
        ("ssh_protocol_v1_enabled", FlagOrNull),
        ("ssh_protocol_v2_enabled", FlagOrNull),
        ("idle_timeout_seconds", Count),
        ("max_clients", Count),
    ],
};

const DEVICE_FAMILY: Check = Object {
    path: &["device"],
    optional: false,
    otherwise: "invalid_device",
    field: "invalid_device",
    fields: &[("family", FilledOrNull(WORD_MAX))],
};

const HARDENING: [Field; 3] = [("legacy_ssh_v1_enabled", Flag), ("legacy_crypto_observed", Flag), ("mutations_observed", Flag)];

const HARDENING_1_1: [Field; 3] =
    [("legacy_ssh_v1_enabled", FlagOrNull), ("legacy_crypto_observed", FlagOrNull), ("mutations_observed", Flag)];

const fn hardening(fields: &'static [Field]) -> Check {
    Object {
        path: &["hardening_observations"],
        optional: false,
        otherwise: "invalid_hardening_observations",
        field: "invalid_hardening_observations",
        fields,
    }
}

/// Null, or a list of names.
fn legacy_algorithms(facts: &Map<String, Value>, errors: &mut Vec<String>) {
    let Some(Value::Object(observed)) = facts.get("hardening_observations") else { return };
    let name = |value: &Value| Filled(WORD_MAX).holds(Some(value), false);
    let holds = match observed.get("legacy_algorithms") {
        None | Some(Value::Null) => true,
        Some(Value::Array(names)) => names.len() <= ALGORITHMS_MAX && names.iter().all(name),
        Some(_) => false,
    };
    if !holds {
        errors.push("invalid_hardening_observations:legacy_algorithms".into());
    }
}

fn nothing_was_changed(facts: &Map<String, Value>, errors: &mut Vec<String>) {
    if let Some(Value::Object(observed)) = facts.get("hardening_observations")
        && observed.get("mutations_observed") != Some(&Value::Bool(false))
    {
        errors.push("mutations_must_be_false".into());
    }
}
