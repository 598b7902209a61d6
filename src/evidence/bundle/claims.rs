//! The evidence contract: what may be claimed on the strength of a receipt, and what not.

use super::form::{EVIDENCE, RECEIPT, TICKET};
use super::receipt::{Receipt, Status};
use super::ticket::Ticket;
use crate::evidence::Part;

/// What the evidence does not say.
const NON_CLAIMS: [&str; 4] = [
    "does_not_claim_live_vulnerability_evidence",
    "does_not_include_private_runtime_logs",
    "does_not_prove_legal_authorization",
    "does_not_prove_runtime_enforcement",
];

/// Type of a claim that something was done.
const RAN: &str = "receipt_bounded_execution";
/// Type of a claim that something was seen; the format has no other word for it.
const OBSERVED: &str = "fixture_review_observation";

/// Type, statement and state of the one claim. Verifiers look for words such as `network_execution` in type, id and statement, and
/// then ask for more than is claimed: nothing variable may stand there.
const fn claim(status: Status, partial: bool, fixtures: bool) -> (&'static str, &'static str, &'static str) {
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
    EVIDENCE.own(|m| {
        EVIDENCE.write_type(m);
        m.list("claims", |items| {
            items.object(|m| {
                m.flag("bounded_by_receipt", true);
                m.word("claim_type", claim_type);
                m.word("id", "facts_of_the_receipt");
                if claim_type == RAN {
                    m.flag("requires_completed_execution", true);
                }
                m.text("source_receipt_id", &Receipt::id(ticket));
                m.word("statement", statement);
                m.word("status", state);
            });
        });
        m.text("created_at", said.created_at);
        m.joined("evidence_contract_id", &["scoped-ticket-evidence-", &ticket.run]);
        m.object("links", |m| {
            RECEIPT.write_link("execution_receipt", receipt, m);
            TICKET.write_link("execution_ticket", &ticket.part, m);
        });
        m.texts("non_claims", NON_CLAIMS);
        m.object("replay", |m| {
            m.flag("live_execution_required", false);
            m.word("mode", "static_bundle_verification");
        });
        EVIDENCE.write_schema(m);
        m.object("verification", |m| m.texts("commands", ["tecrax evidence verify .", "sclite review ."]));
    })
}

/// What a run lets claim.
#[derive(Debug, Clone, Copy)]
pub(in crate::evidence) struct Said<'a> {
    pub(in crate::evidence) status: Status,
    pub(in crate::evidence) partial: bool,
    pub(in crate::evidence) fixtures: bool,
    pub(in crate::evidence) created_at: &'a str,
}
