//! The inputs of a decision as evidence keeps them: with the records before it they are enough to decide again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::chain::Chain;
use super::decide::{Decision, Inputs};
use super::expected::Expected;
use super::ruling::{Block, Ruling};
use super::track::Terms;
use crate::api::{Assessment, Criticality, Digest, FindingKey, ReactionOutcome};

/// The inputs of a decision as its record has them. What is usual is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedInputs {
    /// The intent that the run asked.
    pub intent: String,
    /// What it said.
    pub assessment: Assessment,
    /// Reruns that led to it.
    pub depth: u32,
    /// Reactions that led to it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reactions: u32,
    /// Digests of the rules that fired before it in the chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visited: Vec<Digest>,
    /// Of a rerun that asks another question than the pair's: what of the run on schedule it speaks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Vec<FindingKey>>,
    /// Runs that confirm a failure.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub failures: u32,
    /// Runs that confirm a recovery.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub recoveries: u32,
    /// The Check's severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Criticality>,
    /// What the waivers in force accept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
    /// Steps whose readings failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blind: Vec<String>,
    /// Keys of the facts that expectations asked of which something was remembered, by their names.
    #[serde(default, skip_serializing_if = "Expected::is_empty")]
    pub expects: Expected,
    /// Why the rerun that the rules asked for could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What the rules said. Left out where a healthy run asks for nothing: then the profile that the run binds says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<RecordedRuling>,
}

/// What the rules said of an observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedRuling {
    /// Digest of the rule that matched, or of the fallback.
    pub rule_digest: Digest,
    /// Digest of the pack.
    pub pack: Digest,
    /// Digest of what the rules read: the canonical JSON of the facts with their verdict.
    pub observation: Digest,
    /// Why this rule.
    pub reason: String,
    /// How loud it is.
    pub severity: Criticality,
    /// Why the rules were not followed to their end: `depth`, `budget` or `cycle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<String>,
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
const fn is_one(number: &u32) -> bool {
    *number == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl RecordedInputs {
    /// What the record of `decision` says of its inputs. `observation` is asked for only where it is recorded.
    pub fn of(inputs: &Inputs<'_>, decision: &Decision, observation: impl FnOnce() -> Digest) -> Self {
        let Inputs { chain, seen, terms, ruling, .. } = inputs;
        let plain = seen.assessment == Assessment::Healthy && decision.reaction.outcome == ReactionOutcome::NoOp;
        Self {
            intent: inputs.intent.to_owned(),
            assessment: seen.assessment,
            depth: chain.depth,
            reactions: chain.reactions,
            visited: chain.visited.clone(),
            about: chain.about.clone(),
            failures: terms.failures,
            recoveries: terms.recoveries,
            severity: terms.severity,
            accepted: terms.accepted.clone(),
            blind: seen.blind.to_vec(),
            expects: seen.expects.clone(),
            refused: inputs.refused.map(str::to_owned),
            ruling: (!plain).then(|| RecordedRuling::of(ruling, observation())),
        }
    }

    /// The chain that led to the run.
    pub fn chain(&self) -> Chain {
        Chain { depth: self.depth, reactions: self.reactions, visited: self.visited.clone(), about: self.about.clone() }
    }

    /// The Check's word.
    pub fn terms(&self) -> Terms {
        let Self { failures, recoveries, severity, accepted, .. } = self;
        Terms { failures: *failures, recoveries: *recoveries, severity: *severity, accepted: accepted.clone() }
    }

    /// As a value.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl RecordedRuling {
    fn of(ruling: &Ruling, observation: Digest) -> Self {
        let blocked = ruling.blocked.map(|block| match block {
            Block::Depth => "depth",
            Block::Budget => "budget",
            Block::Cycle { .. } => "cycle",
        });
        Self {
            rule_digest: ruling.digest,
            pack: ruling.pack,
            observation,
            reason: ruling.recorded.clone(),
            severity: ruling.severity,
            blocked: blocked.map(str::to_owned),
        }
    }
}
