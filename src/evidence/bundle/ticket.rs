//! The ticket: one use of one contract, by this program, in a window.

use jiff::{SignedDuration, Timestamp};

use super::form::{CONTRACT, TICKET};
use super::terms::{Agreed, Terms};
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
        let created_at = stamp::seconds(started);
        let part = TICKET.own(|m| {
            m.object("approval", |m| {
                m.joined("approval_id", &["policy-", &agreed.id]);
                m.word("approver_kind", "policy");
                m.word("status", "approved");
            });
            TICKET.write_type(m);
            m.text("created_at", &created_at);
            m.object("execution_limits", |m| {
                m.number("max_runs", 1);
                m.word("mode", "live");
                m.flag("one_shot", true);
            });
            m.object("integrity", |m| {
                m.word("profile", "sclite-v0.3-scoped-ticket-integrity");
                m.digest("ticket_binds_execution_contract_digest", agreed.contract().digest());
            });
            m.object("links", |m| CONTRACT.write_link("execution_contract", agreed.contract(), m));
            m.texts("non_claims", NON_CLAIMS);
            TICKET.write_schema(m);
            m.object("scope_binding", |m| {
                m.word("mode", "live");
                m.text("normalized_args_digest", &agreed.args_digest);
                m.text("target_host", &host);
                m.word("target_kind", "host");
                m.joined("target_ref", &["host:", &host]);
                m.text("tool", terms.tool());
            });
            m.object("spend_limits", |m| {
                m.number("max_uses", 1);
                m.flag("network_execution_allowed", terms.network());
                m.flag("one_shot", true);
                m.flag("requires_evidence_contract", true);
                m.flag("requires_receipt", true);
            });
            m.object("subject_binding", |m| {
                m.text("issued_for_actor", &terms.actor());
                m.text("session_ref", &format!("log:{}", terms.origin()));
                m.word("usable_by_runtime", RUNTIME);
            });
            m.text("ticket_id", &id);
            m.word("ticket_profile", "scoped_execution_ticket");
            m.object("ticket_semantics", |m| {
                m.flag("consumable_by_runtime", true);
                m.flag("default_transferable", false);
                m.word("kind", "runtime_consumable_scoped_ticket");
            });
            m.object("validity", |m| {
                m.text("not_after", &stamp::seconds(not_after));
                m.text("not_before", &created_at);
            });
        });
        Self { part, run, id, not_after }
    }
}
