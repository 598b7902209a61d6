//! Three artifacts of one reaction and the manifest that binds them.

use super::super::artifact::Artifact;
use super::super::ids::{finding_id, reaction_id, reaction_idempotency_key};
use super::super::layout::{REACTION, REACTION_MANIFEST, REACTION_PROFILE};
use super::super::manifest::{ManifestHead, Member, manifest};
use super::super::refusal::Refusal;
use super::{Admission, Finding, PlanContext, ProfileRef, ReactionPlan};
use crate::api::Digest;
use crate::evidence::json::{Json, pretty};

/// A reaction that was decided, before it is bound.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    /// When, 1 to 64 characters.
    pub created_at: &'a str,
    /// The profile whose rule decided.
    pub profile: ProfileRef<'a>,
    /// The rule.
    pub rule_id: &'a str,
    /// Its digest.
    pub rule_digest: Digest,
    /// What it found: kind, severity and one sentence.
    pub finding: (&'a str, &'a str, &'a str),
    /// `run_intent`, `retry_intent`, `escalate` or `no_op`.
    pub outcome: &'a str,
    /// The question that is asked next.
    pub intent: Option<&'a str>,
    /// Why.
    pub reason: &'a str,
    /// Reactions above it.
    pub depth: u32,
    /// Reactions made before it.
    pub reaction_count: u32,
    /// Digests of the rules that fired before.
    pub visited: &'a [String],
    /// Whether it may run.
    pub admission: Admission<'a>,
}

/// Three artifacts of one reaction and the manifest that binds them.
#[derive(Debug, Clone)]
pub struct ReactionChain {
    /// What was seen.
    pub observation: Artifact,
    /// What was found in it.
    pub finding: Artifact,
    /// What is done about it.
    pub plan: Artifact,
    /// The manifest.
    pub manifest: Json,
}

impl ReactionChain {
    /// The key of the reaction of a rule of a profile to an observation of a target.
    pub fn key(observation: &Artifact, profile: &Digest, rule: &Digest, target_id: &str) -> Digest {
        let observed = Digest::parse(observation.digest()).unwrap_or(Digest::ZERO);
        reaction_idempotency_key(&observed, profile, rule, target_id)
    }

    /// Binds what was decided, under its `key`, to `observation`.
    pub fn bind(observation: Artifact, key: &Digest, decided: &Decided<'_>) -> Self {
        let (kind, severity, summary) = decided.finding;
        let reaction_id = reaction_id(key);
        let finding = Artifact::of(
            Finding { id: &finding_id(key), created_at: decided.created_at, profile: decided.profile, kind, severity, summary }
                .to_json(&observation),
        );
        let plan = ReactionPlan {
            reaction_id: &reaction_id,
            created_at: decided.created_at,
            profile: decided.profile,
            rule_id: decided.rule_id,
            rule_digest: &decided.rule_digest.to_string(),
            outcome: decided.outcome,
            intent: decided.intent,
            reason: decided.reason,
            context: PlanContext {
                depth: decided.depth,
                reaction_count: decided.reaction_count,
                visited: decided.visited,
                idempotency_key: &key.to_string(),
            },
            admission: decided.admission,
        };
        let plan = Artifact::of(plan.to_json(&observation, &finding));
        let head = ManifestHead {
            chain_id: &format!("reaction:{reaction_id}"),
            created_at: decided.created_at,
            profile: REACTION_PROFILE,
        };
        let members: Vec<Member<'_>> = REACTION
            .iter()
            .zip([&observation, &finding, &plan])
            .map(|((role, path), artifact)| Member { role, path, required: true, artifact })
            .collect();
        let manifest = manifest(&head, &members);
        Self { observation, finding, plan, manifest }
    }

    /// Whether every artifact keeps its schema: what goes in is bounded by it.
    ///
    /// # Errors
    /// The first that does not.
    pub fn keeps_schemas(&self) -> Result<(), Refusal> {
        [&self.observation, &self.finding, &self.plan].into_iter().try_for_each(Artifact::keeps_schema)
    }

    /// Name of the reaction.
    pub fn reaction_id(&self) -> &str {
        self.plan.value().text_at(&["reaction_id"]).unwrap_or_default()
    }

    /// The last digest of the chain.
    pub fn root(&self) -> &str {
        self.manifest.text_at(&["root_chain_digest"]).unwrap_or_default()
    }

    /// Names and texts of its four files.
    pub fn files(&self) -> Vec<(&'static str, String)> {
        let artifacts = [&self.observation, &self.finding, &self.plan].map(Artifact::value);
        let mut files: Vec<_> = REACTION.iter().zip(artifacts).map(|((_, path), value)| (*path, pretty(value))).collect();
        files.push((REACTION_MANIFEST, pretty(&self.manifest)));
        files
    }
}
