//! Rule files of the intents that are built.

use serde_json::json;
use tecrax::profile::{ValidationRule, ValidationStep};

/// The rule file of an intent.
pub fn rule(intent: &str) -> Option<ValidationRule> {
    let (key, field, pass, fail, missing, reason) = match intent {
        "check_ntp_health" => (
            "ntp_health",
            "healthy",
            "check_ntp_health.healthy",
            "check_ntp_health.unhealthy",
            "check_ntp_health.result_required",
            "missing normalized NTP health",
        ),
        "collect_basic_host_inventory" => (
            "basic_host_inventory",
            "complete",
            "collect_basic_host_inventory.complete",
            "collect_basic_host_inventory.incomplete",
            "collect_basic_host_inventory.inventory_required",
            "missing normalized host inventory",
        ),
        "collect_host_security_posture_readonly" => (
            "host_security_posture",
            "complete",
            "host_security_posture.contract_complete",
            "host_security_posture.contract_incomplete",
            "host_security_posture.result_required",
            "missing normalized security posture",
        ),
        "diagnose_monitoring_host" => (
            "monitoring_host_diagnosis",
            "aggregation_completed",
            "diagnose_monitoring_host.completed",
            "diagnose_monitoring_host.incomplete",
            "diagnose_monitoring_host.result_required",
            "missing aggregated diagnosis",
        ),
        _ => return None,
    };
    Some(ValidationRule {
        steps: vec![
            ValidationStep::RequireMapping {
                key: key.into(),
                fail_rule: missing.into(),
                fail_details: json!({"reason": reason}),
            },
            ValidationStep::RequireEquals {
                path: format!("{key}.{field}"),
                value: json!(true),
                pass_rule: pass.into(),
                fail_rule: fail.into(),
                details_from: key.into(),
            },
        ],
    })
}
