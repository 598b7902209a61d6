//! What a decision that asks for something leaves behind: the chain from what was seen to what is done, sealed with it.

use super::shelf::Shelf;
use crate::admission::Admitted;
use crate::api::{Assessment, Coverage, ReactionOutcome, StatusFinding};
use crate::desired::Pair;
use crate::evidence::sclite::Admission;
use crate::evidence::{ChainEvidence, Part, Place, Rule, Show};
use crate::plan::Plan;
use crate::reaction::artifacts::{Reacted, reaction_parts};
use crate::reaction::{Chain, Decision, Ruling};
use crate::secrets::Redactor;

/// A decision with everything it was made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reacting<'a> {
    pub(super) pair: &'a Pair,
    pub(super) place: &'a Place<'a>,
    pub(super) packs: &'a Shelf,
    /// What rules read: an object with the member `facts`.
    pub(super) observation: &'a serde_json::Value,
    pub(super) ruling: &'a Ruling,
    pub(super) decision: &'a Decision,
    pub(super) chain: &'a Chain,
    /// The rerun that follows.
    pub(super) rerun: Option<&'a Plan<Admitted>>,
    /// What the run said.
    pub(super) said: (Assessment, Coverage, &'a [StatusFinding]),
}

impl Reacting<'_> {
    /// The parts of the reaction record. None where nothing is done, and where no rule was asked: the healthy path stays cheap.
    pub(super) fn parts(&self, redactor: &Redactor, show: Show) -> Vec<Part> {
        let reaction = &self.decision.reaction;
        let intent = self.pair.check.intent.id.as_str();
        let outcome = match reaction.outcome {
            ReactionOutcome::NoOp => return Vec::new(),
            ReactionOutcome::Escalate => "escalate",
            ReactionOutcome::Rerun if reaction.intent.as_deref() == Some(intent) => "retry_intent",
            ReactionOutcome::Rerun => "run_intent",
        };
        let Some(pack) = self.packs.for_intent(intent) else { return Vec::new() };
        let Some(rule) = pack.rule(self.ruling.digest) else { return Vec::new() };
        let (assessment, coverage, findings) = self.said;
        let words = rule.finding();
        let admission = self.rerun.map_or(Admission::NotApplicable, |plan| {
            let admitted = plan.state();
            let decision = if admitted.obligations().is_empty() { "allow" } else { "allow_with_obligations" };
            Admission::Admitted { decision, id: admitted.rule() }
        });
        let chain = ChainEvidence {
            pair: &self.pair.id,
            run_seq: self.place.head.seq,
            intent,
            at: self.place.at,
            profile: self.packs.profile(),
            profile_digest: pack.profile_digest(),
            facts: self.observation.get("facts").unwrap_or(&serde_json::Value::Null),
            rule: Rule {
                id: rule.id(),
                digest: rule.digest(),
                kind: &words.kind,
                severity: words.severity.as_str(),
                summary: &words.summary,
            },
            outcome,
            next_intent: reaction.intent.as_deref().filter(|_| reaction.outcome == ReactionOutcome::Rerun),
            reason: &format!("{} ({})", self.ruling.recorded, reaction.reason),
            admission,
            depth: self.chain.depth,
            reaction_count: self.chain.reactions,
            visited: &self.chain.visited,
            explanation: None,
        };
        reaction_parts(&Reacted { chain, assessment, coverage, findings }, redactor, show)
    }
}
