//! A reaction chain: what was seen, what was found in it, what is done about it, and perhaps what that came to.

use super::super::artifact::Artifact;
use super::super::chain::{Chain, ChainRules, verify_chain};
use super::super::documents::Documents;
use super::super::layout::REACTION;
use super::super::python::repr_list;
use super::super::refusal::Refusal;
use crate::evidence::json::Json;

/// A reaction whose chain and links hold.
#[derive(Debug)]
pub struct Reaction<'a> {
    /// The chain.
    pub chain: Chain<'a>,
    /// What was seen.
    pub observation: &'a Artifact,
    /// What was found in it.
    pub finding: &'a Artifact,
    /// What is done about it.
    pub plan: &'a Artifact,
}

/// Checks a reaction chain: digests, roles, and the links of finding and plan. As upstream, the links are those of the files
/// with the fixed names, whatever the manifest says.
pub fn verify_reaction<'a>(manifest: &Json, documents: &'a Documents<'_>) -> Result<Reaction<'a>, Refusal> {
    let chain = verify_chain(manifest, documents, &ChainRules::REACTION)?;
    let roles = REACTION.map(|(role, _)| role);
    let complete = chain.roles == roles || roles.split_last().is_some_and(|(_, first)| chain.roles == first);
    if !complete {
        let got = repr_list(chain.roles.iter().map(String::as_str));
        return Err(Refusal::chain(format!("reaction roles mismatch: {got}")));
    }
    let [(_, observation), (_, finding), (_, plan), _] = REACTION;
    let (observation, finding, plan) = (documents.open(observation)?, documents.open(finding)?, documents.open(plan)?);
    for (source, name, target, reason) in [
        (finding, "observation", observation, "finding-observation digest mismatch"),
        (plan, "observation", observation, "reaction_plan-observation digest mismatch"),
        (plan, "finding", finding, "reaction_plan-finding digest mismatch"),
    ] {
        let descriptor = source.value().at(&["links", name, "descriptor"]);
        if !descriptor.is_some_and(|descriptor| target.is_described_by(descriptor)) {
            return Err(Refusal::chain(reason));
        }
    }
    Ok(Reaction { chain, observation, finding, plan })
}
