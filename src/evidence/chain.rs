//! The parts of a reaction record: the chain from what was seen to what is done about it, and what is proposed to a person.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

use super::json::{Json, JsonError, Limits, pretty, read};
use super::sclite::layout::{PROPOSAL, REACTION, REACTION_MANIFEST};
use super::sclite::{
    Admission, Artifact, Decided, EscalationProposal, ObservationEnvelope, ProfileRef, ReactionChain, ids::escalation_proposal_id,
};
use super::scrub::scrub_text;
use super::{Part, Show, canonical, stamp};
use crate::api::{Digest, PairId};
use crate::secrets::Redactor;

/// Longest name of a run, in characters: with what stands before it an observation's name has at most 128.
const RUN_MAX: usize = 100;
/// Longest other name, in characters.
const NAME_MAX: usize = 128;
/// Longest summary of a finding, in characters.
const SUMMARY_MAX: usize = 512;
/// Longest reason, in characters.
const REASON_MAX: usize = 512;
/// Longest explanation, in characters.
const EXPLANATION_MAX: usize = 768;
/// Most rules that may have fired before.
const VISITED_MAX: usize = 1024;
/// Hex digits that stand for what a long name loses.
const SHORT: usize = 24;

/// The rule that decided, and what it found.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    /// Its name.
    pub id: &'a str,
    /// Its digest.
    pub digest: Digest,
    /// What kind of thing it found.
    pub kind: &'a str,
    /// `info`, `low`, `medium`, `high` or `critical`.
    pub severity: &'a str,
    /// One sentence.
    pub summary: &'a str,
}

/// Everything that the parts of a reaction say.
#[derive(Debug, Clone, Copy)]
pub struct ChainEvidence<'a> {
    /// The pair.
    pub pair: &'a PairId,
    /// The number of the run in its sequence.
    pub run_seq: u64,
    /// The question of the run.
    pub intent: &'a str,
    /// When it was decided.
    pub at: Timestamp,
    /// Name and version of the profile.
    pub profile: (&'a str, &'a str),
    /// Its digest.
    pub profile_digest: Digest,
    /// What the rules read.
    pub facts: &'a Value,
    /// The rule.
    pub rule: Rule<'a>,
    /// `run_intent`, `retry_intent`, `escalate` or `no_op`.
    pub outcome: &'a str,
    /// The question that is asked next.
    pub next_intent: Option<&'a str>,
    /// Why.
    pub reason: &'a str,
    /// Whether what is asked next may run.
    pub admission: Admission<'a>,
    /// Reruns above the run.
    pub depth: u32,
    /// Reactions made before.
    pub reaction_count: u32,
    /// Digests of the rules that fired before.
    pub visited: &'a [Digest],
    /// What a person is told, when one is called: one line of ours around names of findings.
    pub explanation: Option<&'a str>,
}

/// The parts of a reaction record: `observation`, `finding`, `reaction_plan`, `reaction_chain_manifest`, and `escalation_proposal` when a
/// person is called. Every free text passes the `redactor` and loses what `show` does not let through before anything is bound to it.
pub fn chain_parts(said: &ChainEvidence<'_>, redactor: &Redactor, show: Show) -> Vec<Part> {
    let clean = |text: &str| cleaned(text, redactor, show);
    let (operation, target) = (run_name(said.pair, said.run_seq), target_name(said.pair));
    let created_at = stamp::seconds(said.at);
    let digest = said.profile_digest.to_string();
    let profile = ProfileRef { id: said.profile.0, version: said.profile.1, digest: &digest };
    let facts = cleaned_facts(said.facts, said.pair, redactor, show);
    let observation = Artifact::of(
        ObservationEnvelope {
            observation_id: &format!("observation:{operation}"),
            observed_at: &created_at,
            profile,
            operation_id: &operation,
            intent_id: said.intent,
            target_id: &target,
            facts: facts.clone(),
        }
        .to_json(),
    );
    let key = ReactionChain::key(&observation, &said.profile_digest, &said.rule.digest, &target);
    let visited: Vec<String> = said.visited.iter().take(VISITED_MAX).map(ToString::to_string).collect();
    let (summary, reason) = (cut(&clean(said.rule.summary), SUMMARY_MAX), cut(&clean(said.reason), REASON_MAX));
    let decided = Decided {
        created_at: &created_at,
        profile,
        rule_id: said.rule.id,
        rule_digest: said.rule.digest,
        finding: (said.rule.kind, said.rule.severity, &summary),
        outcome: said.outcome,
        intent: said.next_intent,
        reason: &reason,
        depth: said.depth,
        reaction_count: said.reaction_count,
        visited: &visited,
        admission: said.admission,
    };
    let chain = ReactionChain::bind(observation, &key, &decided);
    let artifacts = [&chain.observation, &chain.finding, &chain.plan].map(Artifact::value);
    let mut parts: Vec<Part> = REACTION.iter().zip(artifacts).map(|((role, _), value)| Part::of(role, value)).collect();
    parts.push(Part::of(MANIFEST_PART, &chain.manifest));
    if let Some(explanation) = said.explanation {
        let reaction_id = chain.reaction_id();
        let proposal = EscalationProposal {
            proposal_id: &escalation_proposal_id(&operation, reaction_id, said.outcome, said.next_intent, &facts),
            reaction_id,
            created_at: &created_at,
            suggested_outcome: said.outcome,
            intent: said.next_intent,
            explanation: &cut(&clean(explanation), EXPLANATION_MAX),
            evidence_refs: &REACTION.iter().take(3).map(|(_, path)| (*path).to_owned()).collect::<Vec<_>>(),
        };
        parts.push(Part::of(PROPOSAL_PART, &proposal.to_json()));
    }
    parts
}

/// Name of the part that is the manifest of the chain.
const MANIFEST_PART: &str = "reaction_chain_manifest";
/// Name of the part that is the proposal.
pub const PROPOSAL_PART: &str = "escalation_proposal";

/// Parts of a reaction record and the files they are exported as, in the order in which they are read.
pub const CHAIN_FILES: [(&str, &str); 5] = [
    ("observation", "01_observation.json"),
    ("finding", "02_finding.json"),
    ("reaction_plan", "03_reaction_plan.json"),
    (MANIFEST_PART, REACTION_MANIFEST),
    (PROPOSAL_PART, PROPOSAL),
];

/// The files of a reaction record: path and text of each of [`CHAIN_FILES`] that it has; none when it asked for nothing.
///
/// # Errors
/// A part is no JSON.
pub fn chain_files<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Vec<(&'static str, Vec<u8>)>, JsonError> {
    let parts: Vec<(&str, &[u8])> = parts.into_iter().collect();
    let of = |(name, path): &(&'static str, &'static str)| {
        let (_, bytes) = parts.iter().find(|(known, _)| known == name)?;
        Some(read(bytes, &Limits::UPSTREAM).map(|document| (*path, pretty(&document.value).into_bytes())))
    };
    CHAIN_FILES.iter().filter_map(of).collect()
}

/// `namespace/check.target@seq`, shortened where it is longer than an observation's name allows.
fn run_name(pair: &PairId, seq: u64) -> String {
    format!("{}@{seq}", shortened(&pair.to_string(), RUN_MAX - 21))
}

/// `namespace/target`, shortened where it is longer than a name may be.
fn target_name(pair: &PairId) -> String {
    shortened(&format!("{}/{}", pair.namespace, pair.target), NAME_MAX)
}

/// `name`, or its beginning, `~` and part of its digest: two names never become one.
fn shortened(name: &str, max: usize) -> String {
    if name.len() <= max {
        return name.to_owned();
    }
    let digest = Digest::of(name.as_bytes()).to_string();
    let head: String = name.chars().take(max - SHORT - 1).collect();
    format!("{head}~{}", cut(&digest, SHORT))
}

/// The first `max` characters.
fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

fn cleaned(text: &str, redactor: &Redactor, show: Show) -> String {
    let text = redactor.redact_str(text);
    scrub_text(&text, show).map_or(text, Cow::Owned).into_owned()
}

/// The facts as the receipt of the run shows them; the name of the target is the operator's choice.
fn cleaned_facts(facts: &Value, pair: &PairId, redactor: &Redactor, show: Show) -> Json {
    let facts = redactor.redact_json(facts.clone());
    let mut bytes = Vec::new();
    canonical::write_changed(&mut bytes, &facts, &mut |text| {
        if text == pair.target.as_str() { None } else { scrub_text(text, show) }
    });
    // What was just written is read: canonical JSON of a bounded value.
    read(&bytes, &Limits::UPSTREAM).map_or_else(|_| Json::from([("withheld", true)]), |document| document.value)
}
