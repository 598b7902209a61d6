//! A receipt against the ticket that it was made under.

use super::super::coerce::{self, Whole};
use super::super::layout::BLOCKED;
use super::super::refusal::Refusal;
use super::contract::mode;
use super::part::{count, level, linked, object, usage};
use super::{TicketRules, TicketUse};
use crate::evidence::json::Json;
use crate::facts::text;

/// States of a receipt of a dry run, beside the blocked ones.
pub(super) const DRY_RUN: [&str; 3] = ["dry_run", "skipped", "not_executed"];

/// What the evidence is held against.
pub(super) struct Receipt {
    /// Whether the ticket is for a dry run.
    pub(super) dry_run: bool,
    /// The state, lower-cased.
    pub(super) status: String,
    /// How many commands ran.
    pub(super) executed: Whole,
    /// Whether the network was used.
    pub(super) network: bool,
    /// Whether the ticket lets it be used.
    pub(super) network_allowed: bool,
}

/// The receipt is within the ticket.
pub(super) fn verify(parts: &TicketUse<'_>, rules: TicketRules) -> Result<Receipt, Refusal> {
    let TicketUse { ticket, contract, receipt, .. } = *parts;
    if coerce::truthy(receipt.get("schema_ref")) {
        receipt.keeps_schema()?;
    }
    linked((receipt, "receipt"), "execution_ticket", ticket, "receipt-ticket descriptor mismatch")?;
    linked((receipt, "receipt"), "execution_contract", contract, "receipt-execution_contract descriptor mismatch")?;
    let subject = object(ticket.get("subject_binding"), "ticket.subject_binding")?;
    let runtime = object(receipt.get("runtime"), "receipt.runtime")?;
    if !runtime_matches(subject, runtime) {
        return Err(usage("receipt runtime does not match ticket subject_binding.usable_by_runtime"));
    }
    let scope = object(ticket.get("scope_binding"), "ticket.scope_binding")?;
    let limits = object(ticket.get("execution_limits"), "ticket.execution_limits")?;
    let spend = object(ticket.get("spend_limits"), "ticket.spend_limits")?;
    let execution = object(receipt.get("execution"), "receipt.execution")?;
    let outcome = object(receipt.get("outcome"), "receipt.outcome")?;
    let mode = mode(scope, limits);
    if level(&coerce::text(runtime.get("mode"))) > level(&mode) {
        return Err(usage("receipt runtime mode exceeds ticket mode"));
    }
    let status = coerce::text(outcome.get("status"));
    if mode == "dry_run" && !DRY_RUN.iter().chain(&BLOCKED).any(|known| *known == status) {
        return Err(usage("dry-run ticket receipt must report a dry-run/non-executed outcome"));
    }
    let network = coerce::truthy(execution.get("network_execution_performed"));
    let network_allowed = coerce::truthy(spend.get("network_execution_allowed"));
    if network && !network_allowed {
        return Err(usage("receipt reports network execution forbidden by ticket"));
    }
    uses(parts, rules, spend, subject)?;
    let zero = Json::from(0);
    let executed = execution.get("executed_command_count").unwrap_or(&zero);
    let executed = count(Some(executed), "receipt.execution.executed_command_count")?;
    let one_shot = coerce::truthy(spend.get("one_shot"));
    if one_shot && executed > count(limits.get("max_runs"), "ticket.execution_limits.max_runs")? {
        return Err(usage("receipt executed command count exceeds ticket execution limit"));
    }
    if rules.strict_ticket && one_shot && executed > Whole::from(1) {
        return Err(usage("strict one_shot receipt executed more than one command"));
    }
    Ok(Receipt { dry_run: mode == "dry_run", status: text::lower(&status), executed, network, network_allowed })
}

/// One of the runtime's names is the one that the ticket is for.
fn runtime_matches(subject: &Json, runtime: &Json) -> bool {
    let expected = coerce::text(subject.get("usable_by_runtime"));
    if expected.is_empty() {
        return false;
    }
    let named = ["runtime_ref", "id", "name"].iter().any(|key| coerce::text(runtime.get(key)) == expected);
    named || expected.strip_prefix("runtime:").is_some_and(|name| coerce::text(runtime.get("name")) == name)
}

/// What the receipt says of its use of the ticket.
fn uses(parts: &TicketUse<'_>, rules: TicketRules, spend: &Json, subject: &Json) -> Result<(), Refusal> {
    let max = count(spend.get("max_uses"), "ticket.spend_limits.max_uses")?;
    let said = parts.receipt.get("ticket_use").filter(|said| said.as_object().is_some_and(|said| !said.is_empty()));
    let strict = rules.newer() && rules.strict_ticket;
    let Some(said) = said else {
        if strict {
            return Err(usage("strict ticket profile requires receipt.ticket_use"));
        }
        if max < Whole::from(1) {
            return Err(usage("ticket max_uses must permit at least one receipt"));
        }
        return Ok(());
    };
    if coerce::text(said.get("ticket_id")) != coerce::text(parts.ticket.get("ticket_id")) {
        return Err(usage("receipt ticket_use.ticket_id mismatch"));
    }
    let by = coerce::text(said.get("consumed_by_runtime"));
    if strict && by.is_empty() {
        return Err(usage("strict ticket profile requires receipt.ticket_use.consumed_by_runtime"));
    }
    if !by.is_empty() && by != coerce::text(subject.get("usable_by_runtime")) {
        return Err(usage("receipt ticket_use.consumed_by_runtime mismatch"));
    }
    let used = count(said.get("use_count"), "receipt.ticket_use.use_count")?;
    if used < Whole::from(1) || used > max {
        return Err(usage("receipt ticket use_count exceeds ticket max_uses"));
    }
    Ok(())
}
