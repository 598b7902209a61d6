//! One claim against the receipt that it is drawn from.

use super::super::coerce::{self, Whole};
use super::super::layout::BLOCKED;
use super::TicketRules;
use super::receipt::{DRY_RUN, Receipt};
use crate::evidence::json::Json;
use crate::facts::text;

/// Words that say that something ran.
const EXECUTION: [&str; 6] =
    ["actual_execution", "command_executed", "completed_execution", "execution_performed", "executed_command", "tool_executed"];
/// Words that say that the network was used.
const NETWORK: [&str; 3] = ["live_network", "network_execution", "network_observed"];
/// Words that no dry run can prove.
const BEYOND_DRY_RUN: [&str; 2] = ["live_vulnerability", "confirmed_vulnerability"];
/// States of a receipt in which everything was done.
const COMPLETED: [&str; 2] = ["completed", "succeeded"];

/// The claim stays within the receipt. The error is what it does wrong.
pub(super) fn verify(claim: &Json, receipt_id: &str, rules: TicketRules, receipt: &Receipt) -> Result<(), &'static str> {
    if claim.as_object().is_none() {
        return Err("must be an object");
    }
    if claim.get("bounded_by_receipt").and_then(Json::as_bool) != Some(true) {
        return Err("is not receipt-bounded");
    }
    let source = coerce::text(claim.get("source_receipt_id"));
    if source.is_empty() {
        return Err("must declare source_receipt_id");
    }
    if source != receipt_id {
        return Err("source_receipt_id mismatch");
    }
    let needs = Needs::of(claim);
    if rules.strict_evidence {
        needs.strictly()?;
        if rules.newer() {
            typed(claim, &needs, receipt)?;
        }
    }
    needs.met(rules, receipt)
}

/// What a claim needs, in fields and in words.
struct Needs {
    completed: bool,
    network: bool,
    says_executed: bool,
    says_network: bool,
    says_beyond_dry_run: bool,
}

impl Needs {
    fn of(claim: &Json) -> Self {
        let parts = ["claim_type", "id", "statement"].map(|key| text::lower(&coerce::text(claim.get(key))));
        let words = parts.join(" ");
        let says = |markers: &[&str]| markers.iter().any(|marker| words.contains(marker));
        let flag = |key: &str| coerce::truthy(claim.get(key));
        Self {
            completed: flag("requires_completed_execution"),
            network: flag("requires_network_execution") || flag("requires_live_execution"),
            says_executed: says(&EXECUTION),
            says_network: says(&NETWORK),
            says_beyond_dry_run: says(&BEYOND_DRY_RUN),
        }
    }

    /// Words alone do not count.
    const fn strictly(&self) -> Result<(), &'static str> {
        if self.says_executed && !self.completed {
            return Err("uses legacy execution text markers in strict evidence profile");
        }
        if self.says_network && !self.network {
            return Err("uses legacy network text markers in strict evidence profile");
        }
        Ok(())
    }

    /// The receipt has what the claim needs.
    fn met(&self, rules: TicketRules, receipt: &Receipt) -> Result<(), &'static str> {
        let words = !rules.strict_evidence;
        let completed = self.completed || words && self.says_executed;
        if completed && BLOCKED.contains(&receipt.status.as_str()) {
            return Err("requires completed execution beyond receipt status");
        }
        if completed && receipt.executed == Whole::from(0) {
            return Err("requires executed commands beyond receipt");
        }
        if (self.network || words && self.says_network) && !receipt.network {
            return Err("requires network execution beyond receipt");
        }
        if receipt.dry_run && self.says_beyond_dry_run {
            return Err("exceeds dry-run ticket evidence bounds");
        }
        Ok(())
    }
}

/// What 2.0.1 asks of a claim of each type.
fn typed(claim: &Json, needs: &Needs, receipt: &Receipt) -> Result<(), &'static str> {
    let dry_run = match coerce::text(claim.get("claim_type")).as_ref() {
        "receipt_bounded_execution" => {
            if claim.get("requires_completed_execution").and_then(Json::as_bool) != Some(true) {
                return Err("execution claim must require completed execution");
            }
            if !COMPLETED.contains(&receipt.status.as_str()) {
                return Err("execution claim requires completed receipt status");
            }
            return Ok(());
        }
        "receipt_bounded_dry_run" => true,
        "fixture_review_observation" => false,
        _ => return Err("has unsupported strict claim_type"),
    };
    if needs.completed || needs.network {
        return Err("non-execution claim cannot require execution");
    }
    if dry_run && !DRY_RUN.contains(&receipt.status.as_str()) {
        return Err("dry-run claim requires dry-run receipt status");
    }
    if dry_run && receipt.executed != Whole::from(0) {
        return Err("dry-run claim requires zero executed commands");
    }
    Ok(())
}
