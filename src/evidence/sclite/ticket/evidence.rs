//! Evidence against the receipt that it is drawn from.

use super::super::coerce;
use super::super::refusal::Refusal;
use super::claim;
use super::part::{linked, object, usage};
use super::receipt::Receipt;
use super::{TicketRules, TicketUse};
use crate::evidence::json::Json;

/// What evidence of a dry run must say that it does not claim.
const DISCLAIMER: &str = "does_not_claim_live_vulnerability_evidence";
/// Groups of rules that evidence passes.
const CHECKS: u32 = 4;

/// The evidence is within receipt and ticket; how many groups of rules it passed.
pub(super) fn verify(parts: &TicketUse<'_>, rules: TicketRules, receipt: &Receipt) -> Result<u32, Refusal> {
    let spend = object(parts.ticket.get("spend_limits"), "ticket.spend_limits")?;
    let Some(evidence) = parts.evidence else {
        if coerce::truthy(spend.get("requires_evidence_contract")) {
            return Err(usage("ticket requires an evidence contract but none was provided"));
        }
        return Ok(0);
    };
    if coerce::truthy(evidence.get("schema_ref")) {
        evidence.keeps_schema()?;
    }
    let source = (evidence, "evidence_contract");
    linked(source, "execution_receipt", parts.receipt, "evidence-receipt descriptor mismatch")?;
    linked(source, "execution_ticket", parts.ticket, "evidence-ticket descriptor mismatch")?;
    let claims = evidence.get("claims").and_then(Json::as_array).filter(|claims| !claims.is_empty());
    let claims = claims.ok_or_else(|| usage("evidence_contract.claims must be a non-empty array"))?;
    let receipt_id = coerce::text(parts.receipt.get("receipt_id"));
    for (index, claim) in claims.iter().enumerate() {
        claim::verify(claim, &receipt_id, rules, receipt)
            .map_err(|reason| usage(format!("evidence_contract.claims[{index}] {reason}")))?;
    }
    let non_claims = evidence.get("non_claims").and_then(Json::as_array).unwrap_or_default();
    if receipt.dry_run && !non_claims.iter().any(|item| item.as_str() == Some(DISCLAIMER)) {
        return Err(usage("dry-run evidence contract must disclaim live vulnerability evidence"));
    }
    let replay = object(evidence.get("replay"), "evidence_contract.replay")?;
    if coerce::truthy(replay.get("live_execution_required")) && !receipt.network_allowed {
        return Err(usage("evidence replay requires live execution forbidden by ticket"));
    }
    Ok(CHECKS)
}
