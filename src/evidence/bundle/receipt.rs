//! The receipt: what was done with the ticket, and what came of it.

use jiff::Timestamp;

use super::form::{CONTRACT, RECEIPT, TICKET, texts};
use super::terms::Agreed;
use super::ticket::{RUNTIME, Ticket};
use crate::evidence::json::{Json, Object};
use crate::evidence::{Part, stamp};

/// What a receipt does not say.
const NON_CLAIMS: [&str; 2] = ["receipt_does_not_include_raw_logs", "receipt_does_not_prove_runtime_enforcement"];
/// What a receipt of recorded readings does not say.
const FIXTURE_NON_CLAIMS: [&str; 3] = ["receipt_does_not_describe_a_real_target", NON_CLAIMS[0], NON_CLAIMS[1]];

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
    /// Everything of ours: provenance, readings, facts.
    pub(in crate::evidence) tecrax: Object,
}

impl Receipt {
    /// When the run ended, in the order and the window that a ticket asks for. The wall clock can be stepped in the middle of a
    /// run; the times as they were read stand in our own member.
    pub(in crate::evidence) fn ended_inside(&self, ticket: &Ticket) -> Timestamp {
        self.ended.max(self.started).min(ticket.not_after)
    }

    pub(super) fn id(ticket: &Ticket) -> String {
        format!("scoped-ticket-receipt-{}", ticket.run)
    }

    /// The artifact.
    pub(in crate::evidence) fn seal(self, agreed: &Agreed, ticket: &Ticket) -> Part {
        let ended = stamp::seconds(self.ended_inside(ticket));
        RECEIPT.own([
            ("created_at", Json::from(ended.as_str())),
            (
                "evidence_refs",
                Json::from(vec![Json::from([("kind", "evidence_contract"), ("path", "06_evidence_contract.json")])]),
            ),
            (
                "execution",
                Json::from([
                    ("ended_at", Json::from(ended)),
                    ("executed_command_count", Json::from(u32::from(self.executed))),
                    ("network_execution_performed", Json::from(self.network)),
                    ("planned_command_count", Json::from(1)),
                    ("started_at", Json::from(stamp::seconds(self.started))),
                ]),
            ),
            (
                "links",
                Json::from([
                    ("execution_contract", CONTRACT.link(agreed.contract())),
                    ("execution_ticket", TICKET.link(&ticket.part)),
                ]),
            ),
            ("non_claims", if self.fixtures { texts(&FIXTURE_NON_CLAIMS) } else { texts(&NON_CLAIMS) }),
            ("outcome", Json::from([("status", self.status.as_str())])),
            ("receipt_id", Json::from(Self::id(ticket))),
            (
                "runtime",
                Json::from([("mode", "live"), ("name", "tecrax"), ("runtime_ref", RUNTIME), ("version", self.tool_version)]),
            ),
            ("tecrax", Json::from(self.tecrax)),
            (
                "ticket_use",
                Json::from([
                    ("consumed_by_runtime", Json::from(RUNTIME)),
                    ("one_shot_consumed", Json::from(true)),
                    ("ticket_id", Json::from(ticket.id.as_str())),
                    ("use_count", Json::from(1)),
                ]),
            ),
        ])
    }
}
