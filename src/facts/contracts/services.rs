//! What is said of services on and around a host.

use serde_json::{Map, Value};

use super::Contract;
use super::check::Check::{Object, Root, Rule};
use super::check::Kind::{Count, Filled, FilledOrNull, Flag, FlagOrNull, Number, TextOrNull};
use super::check::{Check, Field};

/// Largest state or scope word.
const STATE_MAX: usize = 64;
/// Largest daemon state.
const DAEMON_STATE_MAX: usize = 32;

pub(super) const CONTRACTS: &[Contract] = &[
    Contract {
        id: "tecrax.docker_service_health",
        version: "1.0",
        schema_ref: Some("schemas/docker_service_health.v1.schema.json"),
        required: &["service_active_state"],
        checks: &[
            Root(&[
                ("observation_scope", Filled(STATE_MAX)),
                ("service", Filled(STATE_MAX)),
                ("service_load_state", Filled(STATE_MAX)),
                ("service_active_state", Filled(STATE_MAX)),
                ("service_sub_state", Filled(STATE_MAX)),
                ("service_unit_file_state", Filled(STATE_MAX)),
                ("socket", Filled(STATE_MAX)),
                ("socket_load_state", Filled(STATE_MAX)),
                ("socket_active_state", Filled(STATE_MAX)),
                ("socket_sub_state", Filled(STATE_MAX)),
                ("socket_unit_file_state", Filled(STATE_MAX)),
                ("container_runtime_state", Filled(STATE_MAX)),
                ("healthy", Flag),
            ]),
            Rule(runtime_is_never_observed),
        ],
    },
    Contract {
        id: "tecrax.docker_service_health",
        version: "1.1",
        schema_ref: Some("schemas/docker_service_health.v1.1.schema.json"),
        required: &["service_active_state"],
        checks: &[
            Root(&[
                ("observation_scope", Filled(STATE_MAX)),
                ("service", Filled(STATE_MAX)),
                ("service_load_state", FilledOrNull(STATE_MAX)),
                ("service_active_state", FilledOrNull(STATE_MAX)),
                ("service_sub_state", FilledOrNull(STATE_MAX)),
                ("service_unit_file_state", FilledOrNull(STATE_MAX)),
                ("socket", Filled(STATE_MAX)),
                ("socket_load_state", FilledOrNull(STATE_MAX)),
                ("socket_active_state", FilledOrNull(STATE_MAX)),
                ("socket_sub_state", FilledOrNull(STATE_MAX)),
                ("socket_unit_file_state", FilledOrNull(STATE_MAX)),
                ("container_runtime_state", Filled(STATE_MAX)),
                ("healthy", Flag),
            ]),
            Rule(runtime_is_never_observed),
        ],
    },
    Contract {
        id: "tecrax.ntp_server_observation",
        version: "1.0",
        schema_ref: Some("schemas/ntp_server_observation.v1.schema.json"),
        required: &["daemon_state", "system_variables"],
        checks: &[
            Root(&[("daemon_state", Filled(DAEMON_STATE_MAX)), ("serving_state", Filled(STATE_MAX)), ("healthy", Flag)]),
            SYSTEM_VARIABLES,
        ],
    },
    Contract {
        id: "tecrax.ntp_server_observation",
        version: "1.1",
        schema_ref: Some("schemas/ntp_server_observation.v1.1.schema.json"),
        required: &["daemon_state", "system_variables"],
        checks: &[
            Root(&[
                ("service", FilledOrNull(DAEMON_STATE_MAX)),
                ("daemon_state", FilledOrNull(DAEMON_STATE_MAX)),
                ("serving_state", Filled(STATE_MAX)),
                ("healthy", Flag),
            ]),
            SYSTEM_VARIABLES,
        ],
    },
    reachability("tecrax.zabbix_api_reachability", &["application_reachable"]),
    reachability("tecrax.zabbix_problem_summary", &["problem_counts_by_severity", "complete"]),
    reachability("tecrax.zabbix_host_availability_summary", &["host_counts", "agent_availability_counts", "complete"]),
    reachability("tecrax.adguard_reachability", &["dns_resolves", "web_login_reachable"]),
    reachability("tecrax.portainer_reachability", &["api_reachable"]),
    Contract {
        id: "tecrax.zabbix_api_reachability",
        version: "1.1",
        schema_ref: Some("schemas/zabbix_api_reachability.v1.1.schema.json"),
        required: &["application_reachable"],
        checks: &[
            Root(&[
                ("application_reachable", FlagOrNull),
                ("api_version", TextOrNull(STATE_MAX)),
                ("container_runtime_state", Filled(STATE_MAX)),
                ("healthy", Flag),
            ]),
            Rule(runtime_is_never_observed),
        ],
    },
    Contract {
        id: "tecrax.portainer_reachability",
        version: "1.1",
        schema_ref: Some("schemas/portainer_reachability.v1.1.schema.json"),
        required: &["api_reachable"],
        checks: &[
            Root(&[
                ("observation_scope", Filled(STATE_MAX)),
                ("api_reachable", FlagOrNull),
                ("api_version", TextOrNull(STATE_MAX)),
                ("instance_identity_state", Filled(STATE_MAX)),
                ("management_objects_state", Filled(STATE_MAX)),
                ("container_runtime_state", Filled(STATE_MAX)),
                ("healthy", Flag),
            ]),
            Rule(runtime_is_never_observed),
        ],
    },
    Contract {
        id: "tecrax.zabbix_problem_summary",
        version: "1.1",
        schema_ref: Some("schemas/zabbix_problem_summary.v1.1.schema.json"),
        required: &["problem_counts_by_severity", "host_counts", "complete"],
        checks: &[
            Root(&[("total_open_problems", Count), ("complete", Flag), ("healthy", Flag)]),
            counts(
                &["problem_counts_by_severity"],
                "invalid_problem_counts_by_severity",
                &[
                    ("not_classified", Count),
                    ("information", Count),
                    ("warning", Count),
                    ("average", Count),
                    ("high", Count),
                    ("disaster", Count),
                ],
            ),
            counts(&["host_counts"], "invalid_host_counts", &[("enabled", Count), ("disabled", Count)]),
        ],
    },
    Contract {
        id: "tecrax.zabbix_host_availability_summary",
        version: "1.1",
        schema_ref: Some("schemas/zabbix_host_availability_summary.v1.1.schema.json"),
        required: &["host_counts", "agent_availability_counts", "complete"],
        checks: &[
            Root(&[("complete", Flag), ("healthy", Flag)]),
            counts(&["host_counts"], "invalid_host_counts", &[("enabled", Count), ("disabled", Count)]),
            counts(
                &["agent_availability_counts"],
                "invalid_agent_availability_counts",
                &[("unknown", Count), ("available", Count), ("unavailable", Count)],
            ),
        ],
    },
];

const SYSTEM_VARIABLES: Check = Object {
    path: &["system_variables"],
    optional: false,
    otherwise: "invalid_system_variables",
    field: "invalid_system_variables",
    fields: &[
        ("stratum", Count),
        ("leap", Count),
        ("offset_ms", Number),
        ("root_delay_ms", Number),
        ("root_dispersion_ms", Number),
    ],
};

/// An object of counts.
const fn counts(path: &'static [&'static str], error: &'static str, fields: &'static [Field]) -> Check {
    Object { path, optional: false, otherwise: error, field: error, fields }
}

/// A contract that names its keys and looks no further.
const fn reachability(id: &'static str, required: &'static [&'static str]) -> Contract {
    Contract { id, version: "1.0", schema_ref: None, required, checks: &[] }
}

fn runtime_is_never_observed(facts: &Map<String, Value>, errors: &mut Vec<String>) {
    if facts.get("container_runtime_state").and_then(Value::as_str) != Some("not_observed") {
        errors.push("container_runtime_must_be_not_observed".into());
    }
}
