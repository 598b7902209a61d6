//! `profile.yaml`: the name, the version, and the sections every profile must have.

use super::raw;
use super::report::{Report, is_token};

pub(super) const PATH: &str = "profile.yaml";

/// Checks the root; the name and version are empty when they are missing.
pub(super) fn check(report: &mut Report<'_>) -> (String, String) {
    let Some(raw::RootFile { profile_contract: root }) = report.read_required(PATH) else {
        return (String::new(), String::new());
    };
    for (name, section) in [
        ("intents", &root.intents),
        ("workflows", &root.workflows),
        ("connector_requirements", &root.connector_requirements),
        ("risk_classes", &root.risk_classes),
        ("evidence_requirements", &root.evidence_requirements),
        ("governance_expectations", &root.governance_expectations),
        ("validation_rules", &root.validation_rules),
        ("escalation_rules", &root.escalation_rules),
    ] {
        match section {
            None => report.fault_with_help(
                PATH,
                None,
                format!("section profile_contract.{name} is missing"),
                format!("add `{name}: {{required: true}}`"),
            ),
            Some(section) if section.value.required != Some(true) => {
                report.fault(PATH, Some(section.referenced), format!("profile_contract.{name}.required must be true"));
            }
            Some(_) => {}
        }
    }
    if let Some(rollback) = &root.rollback_rules
        && !rollback.value.is_empty()
    {
        report.fault(
            PATH,
            Some(rollback.referenced),
            "profile_contract.rollback_rules must be empty: nothing here changes a target",
        );
    }
    let name = root.name.map(|name| {
        if !is_token(&name.value) {
            report.fault(
                PATH,
                Some(name.referenced),
                "profile_contract.name must be lower-case letters, digits, `_`, `-` and `.`",
            );
        }
        name.value
    });
    if name.is_none() {
        report.fault(PATH, None, "profile_contract.name is missing");
    }
    let version = root.version.map(|version| {
        if !is_token(&version.value) {
            report.fault(PATH, Some(version.referenced), "profile_contract.version must be a version such as \"1.0\"");
        }
        version.value
    });
    if version.is_none() {
        report.fault(PATH, None, "profile_contract.version is missing");
    }
    (name.unwrap_or_default(), version.unwrap_or_default())
}
