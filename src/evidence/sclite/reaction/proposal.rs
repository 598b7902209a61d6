//! What is proposed to a person.

use crate::evidence::json::Json;

/// A proposal: advice without any authority.
#[derive(Debug, Clone, Copy)]
pub struct EscalationProposal<'a> {
    /// 1 to 128 characters.
    pub proposal_id: &'a str,
    /// 1 to 128 characters.
    pub reaction_id: &'a str,
    /// 1 to 64 characters.
    pub created_at: &'a str,
    /// `run_intent`, `retry_intent`, `escalate` or `no_op`.
    pub suggested_outcome: &'a str,
    /// At most 128 characters.
    pub intent: Option<&'a str>,
    /// 1 to 2048 characters.
    pub explanation: &'a str,
    /// At most 32 of 1 to 256 characters.
    pub evidence_refs: &'a [String],
}

impl EscalationProposal<'_> {
    /// The artifact `escalation_proposal` v0.1.
    pub fn to_json(&self) -> Json {
        Json::from([
            ("artifact_type", Json::from("escalation_proposal")),
            (
                "authority",
                Json::from([
                    ("may_execute", false),
                    ("requires_govengine_admission", true),
                    ("requires_profile_validation", true),
                    ("trusted", false),
                ]),
            ),
            ("created_at", Json::from(self.created_at)),
            ("evidence_refs", self.evidence_refs.iter().map(String::as_str).collect()),
            ("explanation", Json::from(self.explanation)),
            ("intent_ref", Json::from(self.intent)),
            ("proposal_id", Json::from(self.proposal_id)),
            ("reaction_id", Json::from(self.reaction_id)),
            ("schema_ref", Json::from("schemas/escalation_proposal.v0.1.schema.json")),
            ("schema_version", Json::from("v0.1")),
            ("suggested_outcome", Json::from(self.suggested_outcome)),
        ])
    }
}
