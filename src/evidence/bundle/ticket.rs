//! The ticket: one use of one contract, by this program, in a window.

use jiff::{SignedDuration, Timestamp};

use super::form::{CONTRACT, TICKET, texts};
use super::terms::{Agreed, Terms};
use crate::evidence::json::Json;
use crate::evidence::{Part, stamp};

/// Who may use a ticket.
pub(super) const RUNTIME: &str = "runtime:tecrax";
/// Added to the time-out of the run: waiting for the first reading, sealing.
const SLACK: SignedDuration = SignedDuration::from_secs(60);
/// What a ticket does not say.
const NON_CLAIMS: [&str; 4] = [
    "does_not_prove_legal_authorization",
    "does_not_prove_signer_identity",
    "does_not_prove_runtime_enforcement",
    "does_not_prove_live_vulnerability_evidence",
];

/// A ticket and what the receipt says of it.
#[derive(Debug)]
pub(in crate::evidence) struct Ticket {
    pub(in crate::evidence) part: Part,
    /// Names the run: terms and sequence number.
    pub(super) run: String,
    pub(super) id: String,
    pub(super) not_after: Timestamp,
}

impl Ticket {
    /// The ticket of the run with sequence number `seq` that started at `started`.
    pub(in crate::evidence) fn new(terms: &Terms<'_>, agreed: &Agreed, seq: u64, started: Timestamp) -> Self {
        let run = format!("{}-{seq}", agreed.id);
        let id = format!("scoped-ticket-{run}");
        let timeout = i64::try_from(terms.pair().check.timeout.as_millis()).unwrap_or(i64::MAX);
        let end = started.checked_add(SignedDuration::from_millis(timeout)).and_then(|at| at.checked_add(SLACK));
        let not_after = stamp::whole(end.unwrap_or(Timestamp::MAX));
        let host = terms.host();
        let members = [
            (
                "approval",
                Json::from([
                    ("approval_id", Json::from(format!("policy-{}", agreed.id))),
                    ("approver_kind", Json::from("policy")),
                    ("status", Json::from("approved")),
                ]),
            ),
            ("created_at", Json::from(stamp::seconds(started))),
            (
                "execution_limits",
                Json::from([("max_runs", Json::from(1)), ("mode", Json::from("live")), ("one_shot", Json::from(true))]),
            ),
            (
                "integrity",
                Json::from([
                    ("profile", "sclite-v0.3-scoped-ticket-integrity".to_owned()),
                    ("ticket_binds_execution_contract_digest", agreed.contract().digest().to_string()),
                ]),
            ),
            ("links", Json::from([("execution_contract", CONTRACT.link(agreed.contract()))])),
            ("non_claims", texts(&NON_CLAIMS)),
            (
                "scope_binding",
                Json::from([
                    ("mode", "live".to_owned()),
                    ("normalized_args_digest", agreed.args_digest.clone()),
                    ("target_host", host.clone()),
                    ("target_kind", "host".to_owned()),
                    ("target_ref", format!("host:{host}")),
                    ("tool", terms.tool().to_owned()),
                ]),
            ),
            (
                "spend_limits",
                Json::from([
                    ("max_uses", Json::from(1)),
                    ("network_execution_allowed", Json::from(terms.network())),
                    ("one_shot", Json::from(true)),
                    ("requires_evidence_contract", Json::from(true)),
                    ("requires_receipt", Json::from(true)),
                ]),
            ),
            (
                "subject_binding",
                Json::from([
                    ("issued_for_actor", terms.actor()),
                    ("session_ref", format!("log:{}", terms.origin())),
                    ("usable_by_runtime", RUNTIME.to_owned()),
                ]),
            ),
            ("ticket_id", Json::from(id.as_str())),
            ("ticket_profile", Json::from("scoped_execution_ticket")),
            (
                "ticket_semantics",
                Json::from([
                    ("consumable_by_runtime", Json::from(true)),
                    ("default_transferable", Json::from(false)),
                    ("kind", Json::from("runtime_consumable_scoped_ticket")),
                ]),
            ),
            ("validity", Json::from([("not_after", stamp::seconds(not_after)), ("not_before", stamp::seconds(started))])),
        ];
        Self { part: TICKET.own(members), run, id, not_after }
    }
}
