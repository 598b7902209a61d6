//! What is said of a host itself: inventory, local time, security posture.

use serde_json::{Map, Value};

use super::Contract;
use super::check::Check::{Object, Root, Rule};
use super::check::Kind::{Count, Filled, FilledOrNull, FilledWhenComplete, Flag, FlagOrNull, Number, Text};
use super::check::{Check, Field, is_complete};

/// Largest text of the inventory that is neither a name nor a target.
const TEXT_MAX: usize = 256;
/// Largest name, target or mount point.
const NAME_MAX: usize = 128;
/// Largest state word.
const STATE_MAX: usize = 32;

pub(super) const CONTRACTS: &[Contract] = &[
    Contract {
        id: "tecrax.basic_host_inventory",
        version: "1.0",
        schema_ref: Some("schemas/basic_host_inventory.v1.schema.json"),
        required: &["target", "os", "kernel"],
        checks: &[INVENTORY_ROOT, OS, LOAD, ROOT_FILESYSTEM, MEMORY, Rule(complete_inventory)],
    },
    Contract {
        id: "tecrax.basic_host_inventory",
        version: "1.1",
        schema_ref: Some("schemas/basic_host_inventory.v1.1.schema.json"),
        required: &["target", "os", "kernel"],
        checks: &[INVENTORY_ROOT, OS, LOAD, ROOT_FILESYSTEM, ROOT_FILESYSTEM_SHARES, MEMORY, Rule(complete_inventory)],
    },
    Contract {
        id: "tecrax.ntp_local_health",
        version: "1.0",
        schema_ref: Some("schemas/ntp_local_health.v1.schema.json"),
        required: &["synchronized", "service_state"],
        checks: &[Root(&[
            ("synchronized", Flag),
            ("systemd_ntp_enabled", Flag),
            ("healthy", Flag),
            ("service", Filled(STATE_MAX)),
            ("service_state", Filled(STATE_MAX)),
        ])],
    },
    Contract {
        id: "tecrax.ntp_local_health",
        version: "1.1",
        schema_ref: Some("schemas/ntp_local_health.v1.1.schema.json"),
        required: &["synchronized", "service_state"],
        checks: &[
            Root(&[
                ("synchronized", FlagOrNull),
                ("systemd_ntp_enabled", FlagOrNull),
                ("healthy", Flag),
                ("service", FilledOrNull(STATE_MAX)),
                ("service_state", FilledOrNull(STATE_MAX)),
            ]),
            Rule(something_of_time),
        ],
    },
    Contract {
        id: "tecrax.host_security_posture",
        version: "1.0",
        schema_ref: Some("schemas/host_security_posture.v1.schema.json"),
        required: &["signals"],
        checks: &[POSTURE_ROOT, signals(&SIGNALS), UPDATES],
    },
    Contract {
        id: "tecrax.host_security_posture",
        version: "1.1",
        schema_ref: Some("schemas/host_security_posture.v1.1.schema.json"),
        required: &["signals"],
        checks: &[POSTURE_ROOT, signals(&SIGNALS_1_1), UPDATES],
    },
];

const INVENTORY_ROOT: Check = Root(&[
    ("complete", Flag),
    ("target", Filled(NAME_MAX)),
    ("kernel", FilledWhenComplete(TEXT_MAX)),
    ("hostname", FilledWhenComplete(NAME_MAX)),
    ("uptime", FilledWhenComplete(TEXT_MAX)),
]);

const OS: Check = Object {
    path: &["os"],
    optional: false,
    otherwise: "invalid_os",
    field: "invalid_os",
    fields: &[("pretty_name", Text(TEXT_MAX)), ("version_id", Text(TEXT_MAX)), ("id", FilledWhenComplete(TEXT_MAX))],
};

const LOAD: Check = Object {
    path: &["load_average"],
    optional: false,
    otherwise: "invalid_load_average",
    field: "invalid_load_average",
    fields: &[
        ("one_minute", Number),
        ("five_minutes", Number),
        ("fifteen_minutes", Number),
        ("runnable_processes", Count),
        ("total_processes", Count),
    ],
};

const ROOT_FILESYSTEM: Check = Object {
    path: &["root_filesystem"],
    optional: false,
    otherwise: "invalid_root_filesystem",
    field: "invalid_root_filesystem",
    fields: &[
        ("mounted_on", FilledWhenComplete(NAME_MAX)),
        ("blocks_1024", Count),
        ("used_1024", Count),
        ("available_1024", Count),
    ],
};

const ROOT_FILESYSTEM_SHARES: Check = Object {
    path: &["root_filesystem"],
    optional: false,
    otherwise: "invalid_root_filesystem",
    field: "invalid_root_filesystem",
    fields: &[("used_percent", Number), ("available_percent", Number)],
};

const MEMORY: Check = Object {
    path: &["memory_mib"],
    optional: false,
    otherwise: "invalid_memory_mib",
    field: "invalid_memory_mib",
    fields: &[("total", Count), ("used", Count), ("free", Count), ("shared", Count), ("buff_cache", Count), ("available", Count)],
};

fn complete_inventory(facts: &Map<String, Value>, errors: &mut Vec<String>) {
    if !is_complete(facts) {
        return;
    }
    if let Some(Value::Object(root)) = facts.get("root_filesystem")
        && root.get("mounted_on").and_then(Value::as_str) != Some("/")
    {
        errors.push("complete_requires_root_mount".into());
    }
    if let Some(Value::Object(memory)) = facts.get("memory_mib")
        && memory.get("total").is_none_or(Value::is_null)
    {
        errors.push("complete_requires_memory_total".into());
    }
}

/// Facts in which neither the clock nor the daemon was observed say nothing and are refused, as 1.0 refuses an empty state.
fn something_of_time(facts: &Map<String, Value>, errors: &mut Vec<String>) {
    let absent = |key: &str| facts.get(key).is_none_or(Value::is_null);
    if absent("synchronized") && absent("service_state") {
        errors.push("invalid_service_state".into());
    }
}

const POSTURE_ROOT: Check = Root(&[("complete", Flag), ("healthy", Flag)]);

const SIGNALS: [Field; 4] =
    [("unattended_upgrades_enabled", Flag), ("reboot_required", Flag), ("aslr_mode", Count), ("dmesg_restrict", Count)];

const SIGNALS_1_1: [Field; 4] = [
    ("unattended_upgrades_enabled", FlagOrNull),
    ("reboot_required", FlagOrNull),
    ("aslr_mode", Count),
    ("dmesg_restrict", Count),
];

const fn signals(fields: &'static [Field]) -> Check {
    Object { path: &["signals"], optional: false, otherwise: "invalid_signals", field: "invalid_signals", fields }
}

const UPDATES: Check = Object {
    path: &["signals", "available_updates"],
    optional: true,
    otherwise: "invalid_signals:available_updates",
    field: "invalid_available_updates",
    fields: &[("regular", Count), ("security", Count), ("unknown", Count), ("held_back_or_blocked", Count)],
};
