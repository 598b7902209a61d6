//! Use of a ticket: whether it fits its contract, and whether a receipt and its evidence stay within it.
//!
//! The rules are those of `sclite-core` 1.0.5 in their order; [`Verifier::V2_0_1`] adds what 2.0.1 asks of the same artifacts.

mod claim;
mod contract;
mod evidence;
mod part;
mod profile;
mod receipt;
mod window;

pub use profile::{Applicability, ProfileStatus, TicketUseProfile, use_profile};
pub use window::offset_time;

use super::artifact::Artifact;
use super::refusal::Refusal;

/// Whose rules are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verifier {
    /// `sclite-core` 1.0.5.
    V1_0_5,
    /// `sclite-core` 2.0.1: the ticket's window, the scope of the target, stricter claims.
    V2_0_1,
}

/// How strictly the use of a ticket is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketRules {
    /// Whose rules.
    pub verifier: Verifier,
    /// Whether a one-shot ticket stands for one run and one command.
    pub strict_ticket: bool,
    /// Whether claims must say in fields, not in words, what they need.
    pub strict_evidence: bool,
}

impl TicketRules {
    /// 1.0.5 as `review` applies it.
    pub const DEFAULT: Self = Self { verifier: Verifier::V1_0_5, strict_ticket: false, strict_evidence: false };
    /// 1.0.5 as the guarded-strict profile applies it.
    pub const STRICT: Self = Self { verifier: Verifier::V1_0_5, strict_ticket: true, strict_evidence: true };
    /// 2.0.1 as `review` applies it.
    pub const NEWER: Self = Self { verifier: Verifier::V2_0_1, strict_ticket: false, strict_evidence: false };
    /// 2.0.1 as the guarded-strict profile applies it.
    pub const NEWER_STRICT: Self = Self { verifier: Verifier::V2_0_1, strict_ticket: true, strict_evidence: true };

    /// Whether the rules of 2.0.1 apply.
    const fn newer(self) -> bool {
        matches!(self.verifier, Verifier::V2_0_1)
    }
}

/// The artifacts of one use.
#[derive(Debug, Clone, Copy)]
pub struct TicketUse<'a> {
    /// The permission.
    pub ticket: &'a Artifact,
    /// The contract it is for.
    pub contract: &'a Artifact,
    /// What was done under it.
    pub receipt: &'a Artifact,
    /// What is claimed of that.
    pub evidence: Option<&'a Artifact>,
}

/// A use that is within the ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketUseOutcome {
    /// What is not checked, or no pass, by the rules of 2.0.1; never under 1.0.5.
    pub review: Option<String>,
    /// How many groups of rules were passed: 11 under 1.0.5 and 12 under 2.0.1, 4 fewer without evidence.
    pub checks: u32,
}

/// Checks one use of a ticket; the first rule that does not hold is told.
pub fn verify_ticket_use(parts: &TicketUse<'_>, rules: TicketRules) -> Result<TicketUseOutcome, Refusal> {
    let scope = contract::verify(parts, rules)?;
    let receipt = receipt::verify(parts, rules)?;
    let mut reasons = Vec::new();
    if rules.newer() {
        reasons.extend((!scope.asserted).then_some("execution_contract target_in_scope is not checked"));
        reasons.extend(window::review_reason(parts, &receipt)?);
    }
    let evidence_checks = evidence::verify(parts, rules, &receipt)?;
    let review = (!reasons.is_empty()).then(|| reasons.join("; "));
    Ok(TicketUseOutcome { review, checks: 7 + u32::from(rules.newer()) + evidence_checks })
}
