//! Time and scope, which 2.0.1 asks for and 1.0.5 does not.

use jiff::Timestamp;

use super::super::artifact::Artifact;
use super::super::layout::BLOCKED;
use super::super::refusal::Refusal;
use super::TicketUse;
use super::part::{object, usage};
use super::receipt::Receipt;
use crate::evidence::json::Json;

/// Characters before the fraction of a second: `YYYY-MM-DDTHH:MM:SS`.
const DATE_TIME: usize = 19;

/// The time in a text of the form `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`; `None` for any other.
pub fn offset_time(text: &str) -> Option<Timestamp> {
    let shape: String = text.chars().take(DATE_TIME).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let rest = text.get(DATE_TIME..)?;
    let rest = rest.strip_prefix('.').map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let offset = rest == "Z" || rest.len() == 6 && rest.starts_with(['+', '-']) && rest.get(3..4) == Some(":");
    if shape == "0000-00-00T00:00:00" && offset { text.parse().ok() } else { None }
}

/// The contract must not say that its target is out of scope.
pub(super) fn in_scope(asserted: Option<bool>) -> Result<(), Refusal> {
    if asserted == Some(false) {
        return Err(usage("execution_contract target_in_scope is explicitly false"));
    }
    Ok(())
}

/// The time within which the ticket may be used.
pub(super) fn of_ticket(ticket: &Artifact) -> Result<(Timestamp, Timestamp), Refusal> {
    let validity = object(ticket.get("validity"), "ticket.validity")?;
    let from = time(validity.get("not_before"), "ticket.validity.not_before")?;
    let until = time(validity.get("not_after"), "ticket.validity.not_after")?;
    if from > until {
        return Err(usage("ticket validity not_before is after not_after"));
    }
    Ok((from, until))
}

/// Why the use is no pass, when it breaks no rule.
pub(super) fn review_reason(parts: &TicketUse<'_>, receipt: &Receipt) -> Result<Option<&'static str>, Refusal> {
    let (from, until) = of_ticket(parts.ticket)?;
    let execution = object(parts.receipt.get("execution"), "receipt.execution")?;
    let said = |key: &str| execution.get(key).filter(|value| !value.is_null());
    let (Some(started), Some(ended)) = (said("started_at"), said("ended_at")) else {
        return Ok(Some("receipt execution timestamps are missing; ticket validity was not fully checked"));
    };
    let started = time(Some(started), "receipt.execution.started_at")?;
    let ended = time(Some(ended), "receipt.execution.ended_at")?;
    if started > ended {
        return Err(usage("receipt execution started_at is after ended_at"));
    }
    if started < from || ended > until {
        return Err(usage("receipt execution interval is outside ticket validity window"));
    }
    let blocked = BLOCKED.contains(&receipt.status.as_str());
    Ok(blocked.then_some("receipt is non-executed/blocked; ticket validity is not an execution pass"))
}

fn time(value: Option<&Json>, label: &str) -> Result<Timestamp, Refusal> {
    let time = value.and_then(Json::as_str).and_then(offset_time);
    time.ok_or_else(|| usage(format!("{label} must be an offset-aware RFC3339 timestamp")))
}
