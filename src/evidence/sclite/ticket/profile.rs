//! Use of a ticket as one check among others: also for bundles in which it does not apply.

use super::super::artifact::Artifact;
use super::super::coerce;
use super::super::refusal::{Refusal, RefusalClass};
use super::{TicketRules, TicketUse, verify_ticket_use};

/// What became of the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketUseProfile {
    /// The status.
    pub status: ProfileStatus,
    /// Whether there was something to check.
    pub applicability: Applicability,
    /// Why.
    pub detail: String,
    /// How many groups of rules were passed; 0 unless the status is `Pass`.
    pub checks: u32,
}

/// Status of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileStatus {
    /// The use is within the ticket.
    Pass,
    /// There was nothing to check.
    Review,
    /// The use goes beyond the ticket.
    Fail,
}

/// Whether there was something to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicability {
    /// It was checked.
    Verified,
    /// There is no ticket of version 0.3.
    NotApplicable,
    /// Other artifacts are missing.
    Incomplete,
}

impl ProfileStatus {
    /// The word in records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Review => "review",
            Self::Fail => "fail",
        }
    }
}

impl Applicability {
    /// The word in records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::NotApplicable => "not_applicable",
            Self::Incomplete => "incomplete",
        }
    }
}

/// Checks the use of the ticket among the artifacts by role, by rules of 1.0.5. Refused only with what upstream does not catch.
pub fn use_profile<'a>(artifact: impl Fn(&str) -> Option<&'a Artifact>, rules: TicketRules) -> Result<TicketUseProfile, Refusal> {
    let review =
        |applicability, detail: String| Ok(TicketUseProfile { status: ProfileStatus::Review, applicability, detail, checks: 0 });
    let Some(ticket) = artifact("execution_ticket") else {
        let detail = "ticket-use verification requires an execution_ticket artifact";
        return review(Applicability::NotApplicable, detail.to_owned());
    };
    if coerce::text(ticket.get("schema_version")) != "v0.3" {
        let detail = "ticket-use verification requires execution_ticket.v0.3 artifacts";
        return review(Applicability::NotApplicable, detail.to_owned());
    }
    let needed = ["execution_contract", "execution_receipt", "evidence_contract"].map(|role| (role, artifact(role)));
    let [(_, Some(contract)), (_, Some(receipt)), (_, Some(evidence))] = needed else {
        let missing: Vec<&str> = needed.iter().filter(|(_, found)| found.is_none()).map(|(role, _)| *role).collect();
        let detail = format!("ticket-use verification missing lifecycle artifacts: {}", missing.join(", "));
        return review(Applicability::Incomplete, detail);
    };
    let applicability = Applicability::Verified;
    match verify_ticket_use(&TicketUse { ticket, contract, receipt, evidence: Some(evidence) }, rules) {
        Ok(outcome) => Ok(TicketUseProfile {
            status: ProfileStatus::Pass,
            applicability,
            detail: "ticket-use verification passed".to_owned(),
            checks: outcome.checks,
        }),
        Err(refusal) if refusal.class == RefusalClass::Uncaught => Err(refusal),
        Err(refusal) => Ok(TicketUseProfile { status: ProfileStatus::Fail, applicability, detail: refusal.message, checks: 0 }),
    }
}
