//! The evidence contract: what may be claimed on the strength of a receipt, and what not.

use super::form::{EVIDENCE, RECEIPT, TICKET, texts};
use super::receipt::{Receipt, Status};
use super::ticket::Ticket;
use crate::evidence::Part;
use crate::evidence::json::{Json, Object};

/// What the evidence does not say.
const NON_CLAIMS: [&str; 4] = [
    "does_not_claim_live_vulnerability_evidence",
    "does_not_include_private_runtime_logs",
    "does_not_prove_legal_authorization",
    "does_not_prove_runtime_enforcement",
];

/// Type, statement and state of the one claim. Verifiers look for words such as `network_execution` in type, id and statement, and
/// then ask for more than is claimed: nothing variable may stand there.
const fn claim(status: Status, partial: bool, fixtures: bool) -> (&'static str, &'static str, &'static str) {
    const RAN: &str = "receipt_bounded_execution";
    const OBSERVED: &str = "fixture_review_observation";
    match (status, partial, fixtures) {
        (Status::Failed, _, _) => (OBSERVED, "The question was asked and not answered: there are no facts.", "not_met"),
        (Status::Completed, false, true) => (OBSERVED, "The facts were derived from recorded readings.", "met"),
        (Status::Completed, true, true) => (OBSERVED, "Some of the facts were derived from recorded readings.", "partial"),
        (Status::Completed, false, false) => (RAN, "The admitted plan ran once and gave the facts of the receipt.", "met"),
        (Status::Completed, true, false) => {
            (RAN, "The admitted plan ran once and gave some of the facts; the receipt names what it did not see.", "partial")
        }
    }
}

/// The evidence contract of a run. `partial`: some of what was asked was not observed.
pub(in crate::evidence) fn claims(ticket: &Ticket, receipt: &Part, said: Said<'_>) -> Part {
    let (claim_type, statement, state) = claim(said.status, said.partial, said.fixtures);
    let mut claim = Object::from([
        ("bounded_by_receipt", Json::from(true)),
        ("claim_type", Json::from(claim_type)),
        ("id", Json::from("facts_of_the_receipt")),
        ("source_receipt_id", Json::from(Receipt::id(ticket))),
        ("statement", Json::from(statement)),
        ("status", Json::from(state)),
    ]);
    if claim_type == "receipt_bounded_execution" {
        claim.insert("requires_completed_execution", true);
    }
    EVIDENCE.own([
        ("claims", Json::from(vec![Json::from(claim)])),
        ("created_at", Json::from(said.created_at)),
        ("evidence_contract_id", Json::from(format!("scoped-ticket-evidence-{}", ticket.run))),
        ("links", Json::from([("execution_receipt", RECEIPT.link(receipt)), ("execution_ticket", TICKET.link(&ticket.part))])),
        ("non_claims", texts(&NON_CLAIMS)),
        (
            "replay",
            Json::from([("live_execution_required", Json::from(false)), ("mode", Json::from("static_bundle_verification"))]),
        ),
        ("verification", Json::from([("commands", texts(&["tecrax evidence verify .", "sclite review ."]))])),
    ])
}

/// What a run lets claim.
#[derive(Debug, Clone, Copy)]
pub(in crate::evidence) struct Said<'a> {
    pub(in crate::evidence) status: Status,
    pub(in crate::evidence) partial: bool,
    pub(in crate::evidence) fixtures: bool,
    pub(in crate::evidence) created_at: &'a str,
}
