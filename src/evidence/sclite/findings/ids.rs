//! Identifiers of one run name one operation.

use super::FindingCode;
use super::case::Case;
use crate::evidence::json::Json;

/// Where each role has its identifier, and what stands before the operation in it: first what all runs of a plan may share, then
/// what is of one run.
const SHARED: [(&str, &str, &str); 3] = [
    ("intent_contract", "intent_id", "intent-"),
    ("policy_decision", "decision_id", "policy-"),
    ("execution_contract", "contract_id", "exec-contract-"),
];
const OWN: [(&str, &str, &str); 3] = [
    ("execution_ticket", "ticket_id", "scoped-ticket-"),
    ("execution_receipt", "receipt_id", "scoped-ticket-receipt-"),
    ("evidence_contract", "evidence_contract_id", "scoped-ticket-evidence-"),
];

/// Identifiers that follow the convention must agree; others say nothing about an operation. Those of one run may carry its number
/// behind the operation: `7f3a91c0-12`.
pub(super) fn inspect(case: &mut Case<'_>) {
    let plan = agree(case, &SHARED);
    let run = agree(case, &OWN);
    if let (Some(plan), Some(run)) = (plan, run) {
        let number = run.strip_prefix(plan).map(|rest| rest.strip_prefix('-').unwrap_or(rest));
        if !number.is_some_and(|number| run == plan || is_number(number)) {
            let file = case.role("execution_ticket").map_or_else(|| case.manifest_file(), |(file, _)| file);
            let message = format!("the ticket names the operation {run:?}, the contract {plan:?}");
            case.find(FindingCode::IdMismatch, file, message);
        }
    }
    let (Some(operation), file) = (run.or(plan), case.manifest_file()) else { return };
    let chain = case.artifact(file).and_then(|manifest| manifest.get("chain_id")).and_then(Json::as_str);
    let chain = chain.unwrap_or_default();
    if !chain.strip_suffix(operation).is_some_and(|producer| producer.is_empty() || producer.ends_with('-')) {
        let message = format!("chain_id {chain:?} does not name the operation {operation:?}");
        case.find(FindingCode::IdMismatch, file, message);
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The operation that these identifiers name; what names another one is found.
fn agree<'a>(case: &mut Case<'a>, ids: &[(&str, &str, &str)]) -> Option<&'a str> {
    let mut operation: Option<&str> = None;
    for (role, key, prefix) in ids {
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
    operation
}
