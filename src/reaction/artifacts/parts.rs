//! The parts of a reaction record that asks for something.

use super::Told;
use crate::api::{Assessment, Coverage, StatusFinding};
use crate::evidence::{ChainEvidence, Part, Show, chain_parts};
use crate::secrets::Redactor;

/// The outcome that calls a person.
const ESCALATE: &str = "escalate";
/// The outcome that asks for nothing.
const NO_OP: &str = "no_op";

/// A decided reaction and what the run said.
#[derive(Debug, Clone, Copy)]
pub struct Reacted<'a> {
    /// The decision; its explanation is made here.
    pub chain: ChainEvidence<'a>,
    /// What the run said.
    pub assessment: Assessment,
    /// How much was seen.
    pub coverage: Coverage,
    /// What is not as it should be.
    pub findings: &'a [StatusFinding],
}

/// The parts to seal with a reaction: none when nothing is done, the chain from observation to plan, and the proposal to a person
/// when one is called.
pub fn reaction_parts(reacted: &Reacted<'_>, redactor: &Redactor, show: Show) -> Vec<Part> {
    let Reacted { chain, assessment, coverage, findings } = *reacted;
    if chain.outcome == NO_OP {
        return Vec::new();
    }
    let explanation =
        (chain.outcome == ESCALATE).then(|| Told { intent: chain.intent, assessment, coverage, findings }.explanation());
    chain_parts(&ChainEvidence { explanation: explanation.as_deref(), ..chain }, redactor, show)
}
