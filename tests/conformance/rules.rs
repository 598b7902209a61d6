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
        "check_adguard_health" => (
            "adguard_health",
            "healthy",
            "check_adguard_health.healthy",
            "check_adguard_health.unhealthy",
            "check_adguard_health.result_required",
            "missing normalized AdGuard health",
        ),
        "collect_network_device_inventory_readonly" => (
            "network_device_inventory",
            "complete",
            "collect_network_device_inventory_readonly.complete",
            "collect_network_device_inventory_readonly.incomplete",
            "collect_network_device_inventory_readonly.inventory_required",
            "missing normalized network device inventory",
        ),
        "assess_network_device_management_posture_readonly" => (
            "network_management_posture",
            "complete",
            "network_management_posture.contract_complete",
            "network_management_posture.contract_incomplete",
            "network_management_posture.result_required",
            "missing management posture",
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
