//! Times: the window of the ticket, the run within it, and whether every time has an offset.

use jiff::Timestamp;

use super::super::ticket::offset_time;
use super::FindingCode;
use super::case::Case;
use crate::evidence::json::Json;

/// When a time is one.
const FORM: &str = "no time with an offset such as 2026-03-04T09:15:00+00:00";

pub(super) fn inspect(case: &mut Case<'_>) {
    let files = case.roles().iter().map(|(_, file)| *file).chain([case.manifest_file()]);
    for file in files.collect::<Vec<_>>() {
        let Some(artifact) = case.artifact(file) else { continue };
        for key in ["created_at", "observed_at"] {
            if artifact.get(key).is_some_and(|value| time(Some(value)).is_none()) {
                case.find(FindingCode::Timestamp, file, format!("{key} is {FORM}"));
            }
        }
    }
    if !case.is_reaction() {
        window(case);
    }
}

/// The window of the ticket, and the run within it.
fn window(case: &mut Case<'_>) {
    let Some((ticket, _)) = case.role("execution_ticket") else { return };
    let valid = |key: &str| time(case.at("execution_ticket", &["validity", key]));
    let (from, until) = (valid("not_before"), valid("not_after"));
    match (from, until) {
        (Some(from), Some(until)) if from <= until => {}
        (Some(_), Some(_)) => {
            case.find(FindingCode::TicketWindow, ticket, "validity.not_before is after validity.not_after");
        }
        _ => case.find(FindingCode::TicketWindow, ticket, format!("a bound of validity is {FORM}")),
    }
    let Some((receipt, _)) = case.role("execution_receipt") else { return };
    let ran = |key: &str| time(case.at("execution_receipt", &["execution", key]));
    let (Some(started), Some(ended)) = (ran("started_at"), ran("ended_at")) else {
        case.find(FindingCode::ReceiptTime, receipt, format!("execution.started_at or execution.ended_at is {FORM}"));
        return;
    };
    if started > ended {
        case.find(FindingCode::ReceiptTime, receipt, "execution.started_at is after execution.ended_at");
    }
    let outside = from.is_some_and(|from| started < from) || until.is_some_and(|until| ended > until);
    if outside {
        let message = "the run was not within the validity of its ticket";
        case.find(FindingCode::ReceiptTime, receipt, message);
    }
}

fn time(value: Option<&Json>) -> Option<Timestamp> {
    value.and_then(Json::as_str).and_then(offset_time)
}
