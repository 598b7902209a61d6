//! One run has one mode.

use super::FindingCode;
use super::case::Case;
use crate::evidence::json::Json;

/// Where each artifact names the mode.
const PLACES: [(&str, &[&str]); 4] = [
    ("intent_contract", &["requested_capability", "mode"]),
    ("execution_contract", &["execution_bounds", "mode"]),
    ("execution_ticket", &["scope_binding", "mode"]),
    ("execution_receipt", &["runtime", "mode"]),
];

pub(super) fn inspect(case: &mut Case<'_>) {
    let said = |role: &str, path: &[&str]| case.at(role, path).and_then(Json::as_str);
    // The ticket is what permits the run.
    let Some(mode) = said("execution_ticket", &["scope_binding", "mode"]) else { return };
    for (role, path) in PLACES {
        let Some((file, artifact)) = case.role(role) else { continue };
        if artifact.value().text_at(path) != Some(mode) {
            let message = format!("{} is not {mode}, the mode of the ticket", path.join("."));
            case.find(FindingCode::ModeMismatch, file, message);
        }
    }
    let Some((file, ticket)) = case.role("execution_ticket") else { return };
    if mode == "live" && ticket.value().text_at(&["approval", "status"]) == Some("approved_for_dry_run") {
        let message = "the approval is for a dry run and the ticket is live";
        case.find(FindingCode::ModeMismatch, file, message);
    }
}
