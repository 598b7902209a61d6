//! How the receipt says that it used the ticket.

use super::FindingCode;
use super::case::Case;
use crate::evidence::json::{Json, Object};

pub(super) fn inspect(case: &mut Case<'_>) {
    let Some((file, receipt)) = case.role("execution_receipt") else { return };
    let said = receipt.get("ticket_use").and_then(Json::as_object).filter(|said| !said.is_empty());
    let Some(said) = said else {
        let message = "ticket_use is missing: nothing says which ticket was used, by whom and how often";
        return case.find(FindingCode::TicketUse, file, message);
    };
    let text = |key: &str| said.get(key).and_then(Json::as_str).is_some_and(|text| !text.is_empty());
    for key in ["ticket_id", "consumed_by_runtime"] {
        if !text(key) {
            case.find(FindingCode::TicketUse, file, format!("ticket_use.{key} is no text"));
        }
    }
    if said.get("use_count").and_then(Json::as_u64).is_none() {
        case.find(FindingCode::TicketUse, file, "ticket_use.use_count is no count");
    }
    inspect_one_shot(case, file, said);
}

/// A ticket for one use says that it was used up.
fn inspect_one_shot(case: &mut Case<'_>, file: &str, said: &Object) {
    let one_shot = case.at("execution_ticket", &["spend_limits", "one_shot"]).and_then(Json::as_bool);
    if one_shot == Some(true) && said.get("one_shot_consumed").and_then(Json::as_bool) != Some(true) {
        case.find(FindingCode::TicketUse, file, "ticket_use.one_shot_consumed is not true for a one-shot ticket");
    }
}
