//! What the rules of a pack say of one observation, before anything else is weighed.

use serde_json::Value;

use super::chain::Chain;
use super::pack::{BUDGET_EXHAUSTED, DEPTH_EXCEEDED, Outcome, Pack};
use crate::api::{Assessment, Criticality, Digest};

/// Stands for the rule where there is no pack.
const NO_PACK: &str = "no_reaction_pack";

/// What a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// Look again: with the question of the run itself, or with a named one.
    Again,
    /// Call a person.
    Person,
}

/// Why the rules were not followed to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// The chain of reruns is as long as the pack allows.
    Depth,
    /// The chain has had as many reactions as the pack allows.
    Budget,
    /// The rule that matches has fired in this chain before. Whether it is the very one that asked for this run.
    Cycle {
        /// The rule asked for this run, and now says the same of what it saw.
        of_asker: bool,
    },
}

/// What the rules of a pack say of one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Id of the rule that holds, also when a cycle blocked it, or of the fallback.
    pub rule: String,
    /// Digest of that rule: what a chain remembers.
    pub digest: Digest,
    /// Digest of the pack.
    pub pack: Digest,
    /// How loud it is.
    pub severity: Criticality,
    /// What is asked for.
    pub asks: Asks,
    /// The intent that shall be asked, when the rule names one.
    pub intent: Option<String>,
    /// The recorded reason: `matched:<rule>`, `no_matching_reaction_rule`, `reaction_cycle_detected` …
    pub recorded: String,
    /// Whether a rule matched; the fallback is no match.
    pub matched: bool,
    /// Why the rules were not followed to their end, when they were not.
    pub blocked: Option<Block>,
}

impl Ruling {
    /// What `pack` says of an observation, an object with the member `facts`, that `chain` led to.
    pub fn of(pack: &Pack, observation: &Value, chain: &Chain) -> Self {
        let said = pack.evaluate(observation, &chain.context());
        let blocked = said.blocked.then(|| match said.reason.as_str() {
            DEPTH_EXCEEDED => Block::Depth,
            BUDGET_EXHAUSTED => Block::Budget,
            _ => Block::Cycle { of_asker: said.held.as_ref().map(|(_, digest)| *digest) == chain.asker() },
        });
        let (rule, digest) = said.held.unwrap_or((said.rule_id, said.rule_digest));
        Self {
            rule,
            digest,
            pack: pack.digest(),
            severity: said.finding.severity.criticality(),
            asks: match said.outcome {
                Outcome::NoOp => Asks::Nothing,
                Outcome::RunIntent | Outcome::RetryIntent => Asks::Again,
                Outcome::Escalate => Asks::Person,
            },
            intent: said.intent,
            recorded: said.reason,
            matched: said.matched,
            blocked,
        }
    }

    /// What is said where the profile has no pack for the intent: healthy asks for nothing, anything else for a person.
    pub fn without_pack(assessment: Assessment) -> Self {
        let healthy = assessment == Assessment::Healthy;
        Self {
            rule: NO_PACK.to_owned(),
            digest: Digest::ZERO,
            pack: Digest::ZERO,
            severity: Criticality::Low,
            asks: if healthy { Asks::Nothing } else { Asks::Person },
            intent: None,
            recorded: NO_PACK.to_owned(),
            matched: false,
            blocked: None,
        }
    }
}
