//! The receipt: what was done with the ticket, and what came of it.

use jiff::Timestamp;

use super::form::{CONTRACT, RECEIPT, TICKET};
use super::terms::Agreed;
use super::ticket::{RUNTIME, Ticket};
use crate::evidence::members::Members;
use crate::evidence::{Part, stamp};

/// What a receipt does not say; the first only when readings were recorded earlier.
const FIXTURE_NON_CLAIMS: [&str; 3] = [
    "receipt_does_not_describe_a_real_target",
    "receipt_does_not_include_raw_logs",
    "receipt_does_not_prove_runtime_enforcement",
];

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::evidence) enum Status {
    /// There are facts, whatever they say and however much they cover.
    Completed,
    /// There are none.
    Failed,
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// What a receipt says.
#[derive(Debug)]
pub(in crate::evidence) struct Receipt {
    pub(in crate::evidence) status: Status,
    pub(in crate::evidence) started: Timestamp,
    pub(in crate::evidence) ended: Timestamp,
    /// Whether anything was sent to the target and answered.
    pub(in crate::evidence) executed: bool,
    /// Whether anything went over the network.
    pub(in crate::evidence) network: bool,
    /// Whether any reading was recorded earlier.
    pub(in crate::evidence) fixtures: bool,
    pub(in crate::evidence) tool_version: &'static str,
}

impl Receipt {
    /// When the run ended, in the order and the window that a ticket asks for. The wall clock can be stepped in the middle of a
    /// run; the times as they were read stand in our own member.
    pub(in crate::evidence) fn ended_inside(&self, ticket: &Ticket) -> Timestamp {
        self.ended.max(self.started).min(ticket.not_after)
    }

    pub(super) fn id(ticket: &Ticket) -> String {
        Self::named(&ticket.run)
    }

    /// The id of the receipt of a run, named by its terms and sequence number.
    pub(super) fn named(run: &str) -> String {
        format!("scoped-ticket-receipt-{run}")
    }

    /// The artifact; `tecrax` writes everything of ours: provenance, readings, facts.
    pub(in crate::evidence) fn seal(&self, agreed: &Agreed, ticket: &Ticket, tecrax: impl FnOnce(&mut Members<'_>)) -> Part {
        let ended = stamp::seconds(self.ended_inside(ticket));
        RECEIPT.own(|m| {
            RECEIPT.write_type(m);
            m.text("created_at", &ended);
            m.list("evidence_refs", |items| {
                items.object(|m| {
                    m.word("kind", "evidence_contract");
                    m.word("path", "06_evidence_contract.json");
                });
            });
            m.object("execution", |m| {
                m.text("ended_at", &ended);
                m.number("executed_command_count", u64::from(self.executed));
                m.flag("network_execution_performed", self.network);
                m.number("planned_command_count", 1);
                m.text("started_at", &stamp::seconds(self.started));
            });
            m.object("links", |m| {
                CONTRACT.write_link("execution_contract", agreed.contract(), m);
                TICKET.write_link("execution_ticket", &ticket.part, m);
            });
            m.texts("non_claims", FIXTURE_NON_CLAIMS.into_iter().skip(usize::from(!self.fixtures)));
            m.object("outcome", |m| m.word("status", self.status.as_str()));
            m.text("receipt_id", &Self::id(ticket));
            m.object("runtime", |m| {
                m.word("mode", "live");
                m.word("name", "tecrax");
                m.word("runtime_ref", RUNTIME);
                m.word("version", self.tool_version);
            });
            RECEIPT.write_schema(m);
            m.object("tecrax", tecrax);
            m.object("ticket_use", |m| {
                m.word("consumed_by_runtime", RUNTIME);
                m.flag("one_shot_consumed", true);
                m.text("ticket_id", &ticket.id);
                m.number("use_count", 1);
            });
        })
    }
}
