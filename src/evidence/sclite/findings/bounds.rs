//! Counts of the receipt against the bounds of the contract.

use super::super::coerce::Whole;
use super::FindingCode;
use super::case::Case;

pub(super) fn inspect(case: &mut Case<'_>) {
    let Some(max) = case.at("execution_contract", &["execution_bounds", "max_commands"]) else { return };
    let Some(bound) = Whole::of(max) else { return };
    for key in ["planned_command_count", "executed_command_count"] {
        let Some(count) = case.at("execution_receipt", &["execution", key]).and_then(Whole::of) else { continue };
        let Some((file, _)) = case.role("execution_receipt") else { continue };
        if count > bound {
            let message = format!("execution.{key} is above execution_bounds.max_commands of the contract");
            case.find(FindingCode::OverBounds, file, message);
        }
    }
}
