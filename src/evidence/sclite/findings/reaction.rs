//! Identifiers of a reaction against its content.

use super::super::ids::{finding_id, reaction_id, reaction_idempotency_key};
use super::FindingCode;
use super::case::Case;
use crate::api::Digest;
use crate::evidence::json::Json;

pub(super) fn inspect(case: &mut Case<'_>) {
    let Some((file, plan)) = case.role("reaction_plan") else { return };
    let Some((_, observation)) = case.role("observation") else { return };
    let digest = |path: &[&str]| plan.value().text_at(path).and_then(Digest::parse);
    let target = observation.value().text_at(&["source", "target_id"]);
    let parts =
        (Digest::parse(observation.digest()), digest(&["profile_ref", "digest"]), digest(&["rule_ref", "digest"]), target);
    let (Some(observation), Some(profile), Some(rule), Some(target)) = parts else { return };
    let key = reaction_idempotency_key(&observation, &profile, &rule, target);
    if plan.value().text_at(&["context", "idempotency_key"]) != Some(&key.to_string()) {
        case.find(FindingCode::IdMismatch, file, "context.idempotency_key is not that of observation, rule and target");
    }
    if plan.get("reaction_id").and_then(Json::as_str) != Some(&reaction_id(&key)) {
        case.find(FindingCode::IdMismatch, file, "reaction_id is not made of the idempotency key");
    }
    if let Some((file, finding)) = case.role("finding")
        && finding.get("finding_id").and_then(Json::as_str) != Some(&finding_id(&key))
    {
        case.find(FindingCode::IdMismatch, file, "finding_id is not made of the idempotency key");
    }
    inspect_child(case, plan.get("child_operation_id").and_then(Json::as_str));
}

/// The receipt is of the operation that the plan started; upstream binds them by nothing.
fn inspect_child(case: &mut Case<'_>, child: Option<&str>) {
    let Some((file, receipt)) = case.role("execution_receipt") else { return };
    let id = receipt.get("receipt_id").and_then(Json::as_str).unwrap_or_default();
    if !child.is_some_and(|child| !child.is_empty() && id.ends_with(child)) {
        let message = "receipt_id does not name the operation that the plan started";
        case.find(FindingCode::IdMismatch, file, message);
    }
}
