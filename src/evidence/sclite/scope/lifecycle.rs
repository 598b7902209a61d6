//! Scope fidelity of a lifecycle: the host in each of its artifacts.

use super::super::coerce;
use super::super::layout::LIFECYCLE;
use super::super::redaction::sanitize;
use super::super::refusal::Refusal;
use super::{extract_host, public_safety};
use crate::evidence::json::Json;

/// What a report of this kind does not say.
const LIMITATIONS: [&str; 5] = [
    "static_lifecycle_target_review_only",
    "does_not_resolve_dns_redirects_or_ownership",
    "does_not_prove_legal_authorization",
    "does_not_execute_tools",
    "receipt_and_evidence_targets_are_inferred_from_digest_linked_lifecycle_context",
];

/// Where a role names its target: the object, the member that is shown and the one that is read first.
fn place(role: &str) -> Option<(&'static str, &'static str, &'static str)> {
    match role {
        "intent_contract" => Some(("target", "uri", "host")),
        "policy_decision" => Some(("scope", "target", "target_host")),
        "execution_contract" => Some(("target_binding", "target", "target_host")),
        "execution_ticket" => Some(("scope_binding", "target_ref", "target_host")),
        _ => None,
    }
}

/// The report over the artifacts that `artifact` has by role, sanitized. `source` is the file of the manifest, `generated_at`
/// RFC 3339. Refused only where a target cannot be read as a URL at all.
pub fn lifecycle_report<'a>(
    artifact: impl Fn(&str) -> Option<&'a Json>,
    source: &str,
    generated_at: &str,
) -> Result<Json, Refusal> {
    let mut targets = Vec::new();
    let mut missing = Vec::new();
    let mut hosts: Vec<String> = Vec::new();
    for (role, _) in LIFECYCLE {
        let Some(value) = artifact(role) else {
            missing.push(role);
            continue;
        };
        let (target, host) = target(role, value)?;
        if !host.is_empty() && !hosts.contains(&host) {
            hosts.push(host);
        }
        targets.push(target);
    }
    let mut mismatched = if hosts.len() > 1 { hosts.clone() } else { Vec::new() };
    mismatched.sort();
    let (verdict, status, reason) = judge(&hosts, &mismatched, &missing);
    let list = |items: Vec<String>| items.into_iter().collect::<Json>();
    Ok(sanitize(&Json::from([
        ("artifact_type", Json::from("scope_fidelity_report")),
        ("generated_at", Json::from(generated_at)),
        ("lifecycle_targets", Json::Array(targets)),
        ("limitations", LIMITATIONS.into_iter().collect()),
        ("public_safety", public_safety()),
        ("schema_ref", Json::from("schemas/scope_fidelity_report.v0.2.schema.json")),
        ("schema_version", Json::from("v0.2")),
        ("source_artifact", Json::from(source)),
        (
            "summary",
            Json::from([
                ("lifecycle_target_status", Json::from(status)),
                ("mismatched_hosts_detected", list(mismatched)),
                ("missing_roles", missing.into_iter().collect()),
                ("reason", Json::from(reason)),
                ("target_hosts", list(hosts)),
            ]),
        ),
        ("verdict", Json::from(verdict)),
    ])))
}

/// The target of one artifact and the host in it.
fn target(role: &str, artifact: &Json) -> Result<(Json, String), Refusal> {
    let (mut target, mut host, mut source) = (String::new(), String::new(), "none");
    if let Some((object, shown, first)) = place(role) {
        let said = |key: &str| artifact.at(&[object, key]).filter(|value| value.is_truthy());
        target = coerce::text(said(shown).or_else(|| said(first))).into_owned();
        host = said(first).or_else(|| said(shown)).map_or_else(|| Ok(String::new()), extract_host)?;
        source = object;
    }
    let status = if host.is_empty() { "linked_no_explicit_target" } else { "explicit" };
    let entry = Json::from([
        ("artifact_type", Json::from(&*coerce::text(artifact.get("artifact_type")))),
        ("role", Json::from(role)),
        ("source", Json::from(source)),
        ("status", Json::from(status)),
        ("target", Json::from(target)),
        ("target_host", Json::from(host.as_str())),
    ]);
    Ok((entry, host))
}

/// Verdict, status and reason.
fn judge(hosts: &[String], mismatched: &[String], missing: &[&str]) -> (&'static str, &'static str, String) {
    if !mismatched.is_empty() {
        let reason = format!("mismatched lifecycle target hosts: {}", mismatched.join(","));
        return ("fail", "cross_role_target_mismatch", reason);
    }
    if !missing.is_empty() {
        return ("review", "incomplete_lifecycle", format!("missing lifecycle roles: {}", missing.join(",")));
    }
    if hosts.is_empty() {
        return ("review", "no_explicit_targets", "no explicit target hosts found in lifecycle artifacts".to_owned());
    }
    ("pass", "consistent", "all explicit lifecycle target hosts match".to_owned())
}
