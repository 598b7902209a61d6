//! What is said of a monitoring host as a whole.

use serde_json::{Map, Value};

use super::Contract;
use super::check::Check::{self, List, Root, Rule};
use super::check::Kind::{Count, Filled, TextOrNull, True, Word};

/// Most components.
const COMPONENTS_MAX: usize = 32;
/// Largest component name or reason.
const WORD_MAX: usize = 64;
/// Largest text of a finding.
const FINDING_TEXT_MAX: usize = 96;
/// Largest text of a continued failure.
const FAILURE_TEXT_MAX: usize = 128;
/// Most findings, and most continued failures.
const LIST_MAX: usize = 16;

pub(super) const CONTRACTS: &[Contract] = &[
    Contract {
        id: "tecrax.monitoring_host_diagnosis",
        version: "1.0",
        schema_ref: Some("schemas/monitoring_host_diagnosis.v1.schema.json"),
        required: &["aggregation_completed", "coverage_status", "observed_health", "components", "findings"],
        checks: &[
            Root(&[
                ("aggregation_completed", True),
                ("coverage_status", Word(&["complete", "partial", "blocked"])),
                ("observed_health", Word(&["healthy", "degraded", "unknown"])),
            ]),
            Rule(components_1_0),
            FINDINGS,
            List {
                key: "continued_failures",
                max: LIST_MAX,
                optional: true,
                otherwise: "invalid_continued_failures",
                entry: "invalid_continued_failure",
                fields: &[("step_id", Filled(FAILURE_TEXT_MAX)), ("error_class", Filled(FAILURE_TEXT_MAX))],
            },
        ],
    },
    Contract {
        id: "tecrax.monitoring_host_diagnosis",
        version: "1.1",
        schema_ref: Some("schemas/monitoring_host_diagnosis.v1.1.schema.json"),
        required: &[
            "aggregation_completed",
            "coverage_status",
            "observed_health",
            "components",
            "findings",
            "continued_failures",
            "continued_failure_count",
        ],
        checks: &[
            Root(&[
                ("aggregation_completed", True),
                ("coverage_status", Word(&["complete", "partial", "blocked"])),
                ("observed_health", Word(&["healthy", "degraded", "unhealthy", "unknown"])),
                ("continued_failure_count", Count),
            ]),
            Rule(components_1_1),
            FINDINGS,
            List {
                key: "continued_failures",
                max: LIST_MAX,
                optional: false,
                otherwise: "invalid_continued_failures",
                entry: "invalid_continued_failure",
                fields: &[("step_id", Filled(FAILURE_TEXT_MAX)), ("error_class", Filled(FAILURE_TEXT_MAX)), ("count", Count)],
            },
        ],
    },
];

/// The list of findings, alike in every version.
const FINDINGS: Check = List {
    key: "findings",
    max: LIST_MAX,
    optional: false,
    otherwise: "invalid_findings",
    entry: "invalid_finding",
    fields: &[
        ("kind", Filled(FINDING_TEXT_MAX)),
        ("component", Filled(FINDING_TEXT_MAX)),
        ("reason_code", Filled(FINDING_TEXT_MAX)),
        ("severity", Filled(FINDING_TEXT_MAX)),
    ],
};

fn components_1_0(facts: &Map<String, Value>, errors: &mut Vec<String>) {
    components(facts, &["healthy", "unhealthy", "unavailable"], errors);
}

fn components_1_1(facts: &Map<String, Value>, errors: &mut Vec<String>) {
    components(facts, &["healthy", "unhealthy", "unavailable", "not_observed"], errors);
}

fn components(facts: &Map<String, Value>, statuses: &'static [&'static str], errors: &mut Vec<String>) {
    let Some(components) =
        facts.get("components").and_then(Value::as_object).filter(|components| components.len() <= COMPONENTS_MAX)
    else {
        errors.push("invalid_components".into());
        return;
    };
    for (name, component) in components {
        if name.is_empty() || name.chars().count() > WORD_MAX {
            errors.push("invalid_component:name".into());
            continue;
        }
        let Value::Object(component) = component else {
            errors.push(format!("invalid_component:{name}"));
            continue;
        };
        if !Word(statuses).holds(component.get("status"), false) {
            errors.push(format!("invalid_component_status:{name}"));
        }
        if !TextOrNull(WORD_MAX).holds(component.get("reason"), false) {
            errors.push(format!("invalid_component_reason:{name}"));
        }
    }
}
