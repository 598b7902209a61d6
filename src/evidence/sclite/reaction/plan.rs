//! What is done about a finding.

use super::super::Artifact;
use super::{ProfileRef, bare_link};
use crate::evidence::json::Json;

/// Whether what is planned may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission<'a> {
    /// Nothing would run.
    NotApplicable,
    /// It is asked of policy when it is due.
    Pending,
    /// Policy allows it: the decision and its name.
    Admitted {
        /// At most 64 characters.
        decision: &'a str,
        /// At most 128 characters.
        id: &'a str,
    },
    /// Policy does not allow it, or there is none: the decision and its name, if there was one.
    Blocked(Option<(&'a str, &'a str)>),
}

impl Admission<'_> {
    fn to_json(self) -> Json {
        let (status, decided) = match self {
            Self::NotApplicable => ("not_applicable", None),
            Self::Pending => ("pending", None),
            Self::Admitted { decision, id } => ("admitted", Some((decision, id))),
            Self::Blocked(decided) => ("blocked", decided),
        };
        Json::from([
            ("decision", Json::from(decided.map(|(decision, _)| decision))),
            ("decision_id", Json::from(decided.map(|(_, id)| id))),
            ("status", Json::from(status)),
        ])
    }
}

/// What came before the decision.
#[derive(Debug, Clone, Copy)]
pub struct PlanContext<'a> {
    /// Reactions above it, at most 32.
    pub depth: u32,
    /// Reactions made before it, at most 1024.
    pub reaction_count: u32,
    /// Digests of the rules that fired before, at most 1024 of 64 hex digits.
    pub visited: &'a [String],
    /// The key under which the reaction is made at most once: 64 hex digits.
    pub idempotency_key: &'a str,
}

/// What is done about a finding.
#[derive(Debug, Clone, Copy)]
pub struct ReactionPlan<'a> {
    /// `reaction-` and 24 hex digits.
    pub reaction_id: &'a str,
    /// When, 1 to 64 characters.
    pub created_at: &'a str,
    /// The profile whose rule decided.
    pub profile: ProfileRef<'a>,
    /// The rule, 1 to 128 characters.
    pub rule_id: &'a str,
    /// Its digest, 64 hex digits.
    pub rule_digest: &'a str,
    /// `run_intent`, `retry_intent`, `escalate` or `no_op`.
    pub outcome: &'a str,
    /// The question that is asked next.
    pub intent: Option<&'a str>,
    /// Why, 1 to 512 characters.
    pub reason: &'a str,
    /// What came before.
    pub context: PlanContext<'a>,
    /// Whether it may run.
    pub admission: Admission<'a>,
}

impl ReactionPlan<'_> {
    /// The artifact `reaction_plan` v0.1, linked to what was observed and found. No operation is prepared with it: a rerun is planned
    /// when it runs.
    pub fn to_json(self, observation: &Artifact, finding: &Artifact) -> Json {
        let Self { context, .. } = self;
        Json::from([
            ("admission", self.admission.to_json()),
            ("artifact_type", Json::from("reaction_plan")),
            ("child_operation_id", Json::Null),
            (
                "context",
                Json::from([
                    ("depth", Json::from(context.depth)),
                    ("idempotency_key", Json::from(context.idempotency_key)),
                    ("reaction_count", Json::from(context.reaction_count)),
                    ("visited_rule_digests", context.visited.iter().map(String::as_str).collect()),
                ]),
            ),
            ("created_at", Json::from(self.created_at)),
            ("intent_ref", Json::from(self.intent)),
            ("links", Json::from([("finding", bare_link(finding)), ("observation", bare_link(observation))])),
            ("outcome", Json::from(self.outcome)),
            ("profile_ref", self.profile.to_json()),
            ("reaction_id", Json::from(self.reaction_id)),
            ("reason", Json::from(self.reason)),
            ("rule_ref", Json::from([("digest", self.rule_digest), ("id", self.rule_id)])),
            ("schema_ref", Json::from("schemas/reaction_plan.v0.1.schema.json")),
            ("schema_version", Json::from("v0.1")),
        ])
    }
}
