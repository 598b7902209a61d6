//! Identifiers of one run name one operation.

use super::FindingCode;
use super::case::Case;
use crate::evidence::json::Json;

/// Where each role has its identifier, and what stands before the operation in it.
const IDS: [(&str, &str, &str); 6] = [
    ("intent_contract", "intent_id", "intent-"),
    ("policy_decision", "decision_id", "policy-"),
    ("execution_contract", "contract_id", "exec-contract-"),
    ("execution_ticket", "ticket_id", "scoped-ticket-"),
    ("execution_receipt", "receipt_id", "scoped-ticket-receipt-"),
    ("evidence_contract", "evidence_contract_id", "scoped-ticket-evidence-"),
];

/// Identifiers that follow the convention must agree; others say nothing about an operation.
pub(super) fn inspect(case: &mut Case<'_>) {
    let mut operation: Option<&str> = None;
    for (role, key, prefix) in IDS {
        let Some((file, artifact)) = case.role(role) else { continue };
        let Some(named) = artifact.get(key).and_then(Json::as_str).and_then(|id| id.strip_prefix(prefix)) else {
            continue;
        };
        let first = *operation.get_or_insert(named);
        if named != first {
            let message = format!("{key} names the operation {named:?}, others name {first:?}");
            case.find(FindingCode::IdMismatch, file, message);
        }
    }
    let (Some(operation), file) = (operation, case.manifest_file()) else { return };
    let chain = case.artifact(file).and_then(|manifest| manifest.get("chain_id")).and_then(Json::as_str);
    let chain = chain.unwrap_or_default();
    if !chain.strip_suffix(operation).is_some_and(|producer| producer.is_empty() || producer.ends_with('-')) {
        let message = format!("chain_id {chain:?} does not name the operation {operation:?}");
        case.find(FindingCode::IdMismatch, file, message);
    }
}
