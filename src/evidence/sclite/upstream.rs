//! What `sclite-core` 1.0.5 says of a bundle, check by check.

use super::artifact::Artifact;
use super::chain::{ChainRules, verify_chain};
use super::documents::Documents;
use super::guard::{GuardKey, verify_guard};
use super::layout::{CARRIER_REFERENCE, GUARD, LIFECYCLE, MANIFEST, REACTION_MANIFEST, TRUST_REFERENCE};
use super::lifecycle::verify_lifecycle;
use super::reaction::verify_reaction;
use super::refusal::Refusal;
use super::review::{Reviewed, verify_shape};
use super::secure::{SecureOutcome, verify_secure_bundle};
use super::sidecar::{Reference, verify_reference};
use super::ticket::{TicketRules, TicketUse, TicketUseOutcome, verify_ticket_use};
use crate::evidence::json::Json;

/// A chain that holds, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainSummary {
    /// The roles in order.
    pub roles: Vec<String>,
    /// The digest after the last entry.
    pub root_chain_digest: String,
}

/// What 1.0.5 says of a directory.
#[derive(Debug)]
pub enum Upstream {
    /// It holds a lifecycle.
    Lifecycle(Box<UpstreamReview>),
    /// It holds a reaction chain.
    Reaction(Result<ChainSummary, Refusal>),
}

/// What 1.0.5 says of a lifecycle.
#[derive(Debug)]
pub struct UpstreamReview {
    /// The shape of a review bundle.
    pub shape: Result<(), Refusal>,
    /// The digests of the chain.
    pub chain: Result<ChainSummary, Refusal>,
    /// The chain as a strict lifecycle.
    pub lifecycle: Result<ChainSummary, Refusal>,
    /// The use of the ticket over the files with the fixed names.
    pub ticket_use: Result<TicketUseOutcome, Refusal>,
    /// The same with both strict profiles.
    pub ticket_use_strict: Result<TicketUseOutcome, Refusal>,
    /// The review record, or why there is none.
    pub review: Result<Json, Refusal>,
    /// The reference to a trust profile; `None` when there is no such file.
    pub trust_reference: Option<Result<(), Refusal>>,
    /// The reference to a carrier; `None` when there is no such file.
    pub carrier_reference: Option<Result<(), Refusal>>,
    /// The tag of the guard; `None` when no key was given.
    pub guard: Option<Result<String, Refusal>>,
    /// The guarded-strict profile; `None` when no key was given.
    pub secure: Option<Result<SecureOutcome, Refusal>>,
}

/// Which profiles accept a bundle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The review: the verdict is exactly `pass`. `None` for reactions.
    pub review: Option<bool>,
    /// The guarded-strict profile; `None` when no key was given.
    pub guarded: Option<bool>,
    /// All references beside the bundle; `None` when there are none.
    pub sidecars: Option<bool>,
    /// The reaction chain; `None` for lifecycles.
    pub reaction: Option<bool>,
}

impl Accepted {
    /// Whether every profile that applies accepts.
    pub fn by_all(&self) -> bool {
        [self.review, self.guarded, self.sidecars, self.reaction].into_iter().flatten().all(|accepted| accepted)
    }
}

impl Upstream {
    /// Asks all checks. A directory is a reaction when it has the manifest of one and none of a lifecycle. `generated_at` goes
    /// into the record.
    pub fn of(documents: &Documents<'_>, key: Option<&GuardKey>, generated_at: &str) -> Self {
        let has = |file: &str| documents.bundle().contains(file);
        if has(REACTION_MANIFEST) && !has(MANIFEST) {
            return Self::Reaction(reaction(documents));
        }
        Self::Lifecycle(Box::new(UpstreamReview::of(documents, key, generated_at)))
    }

    /// Which profiles accept the bundle.
    pub fn accepted(&self) -> Accepted {
        match self {
            Self::Reaction(chain) => Accepted { reaction: Some(chain.is_ok()), ..Accepted::default() },
            Self::Lifecycle(review) => review.accepted(),
        }
    }
}

impl UpstreamReview {
    fn of(documents: &Documents<'_>, key: Option<&GuardKey>, generated_at: &str) -> Self {
        let manifest = documents.open(MANIFEST).map(Artifact::value);
        let chain = manifest.clone().and_then(|manifest| verify_chain(manifest, documents, &ChainRules::LIFECYCLE));
        let summary =
            |chain: &super::Chain<'_>| ChainSummary { roles: chain.roles.clone(), root_chain_digest: chain.root.clone() };
        let shape = verify_shape(documents);
        let reviewed = shape.clone().and_then(|()| Reviewed::of(documents));
        Self {
            lifecycle: chain.as_ref().map_err(Clone::clone).and_then(|chain| verify_lifecycle(chain).map(|_| summary(chain))),
            chain: chain.as_ref().map(summary).map_err(Clone::clone),
            ticket_use: ticket_use(documents, TicketRules::DEFAULT),
            ticket_use_strict: ticket_use(documents, TicketRules::STRICT),
            review: reviewed.and_then(|reviewed| reviewed.record(generated_at)),
            shape,
            trust_reference: reference(documents, Reference::Trust, TRUST_REFERENCE),
            carrier_reference: reference(documents, Reference::Carrier, CARRIER_REFERENCE),
            guard: key.map(|key| {
                let (manifest, guard) = (manifest.clone()?, documents.open(GUARD)?);
                verify_guard(manifest, guard, key, documents).map(|outcome| outcome.root_tag)
            }),
            secure: key.map(|key| verify_secure_bundle(documents, key)),
        }
    }

    /// The verdict of the review; `None` when there is no record.
    pub fn verdict(&self) -> Option<&str> {
        self.review.as_ref().ok()?.text_at(&["verdict"])
    }

    fn accepted(&self) -> Accepted {
        let references = [&self.trust_reference, &self.carrier_reference];
        let bound = references.into_iter().flatten().map(Result::is_ok).reduce(|one, other| one && other);
        Accepted {
            review: Some(self.verdict() == Some("pass")),
            guarded: self.secure.as_ref().map(Result::is_ok),
            sidecars: bound,
            reaction: None,
        }
    }
}

fn reaction(documents: &Documents<'_>) -> Result<ChainSummary, Refusal> {
    let manifest = documents.open(REACTION_MANIFEST)?.value();
    let chain = verify_reaction(manifest, documents)?.chain;
    Ok(ChainSummary { roles: chain.roles, root_chain_digest: chain.root })
}

/// The use of the ticket over the files with the fixed names.
fn ticket_use(documents: &Documents<'_>, rules: TicketRules) -> Result<TicketUseOutcome, Refusal> {
    let [_, _, contract, ticket, receipt, evidence] = LIFECYCLE.map(|(_, file)| documents.open(file));
    let parts = TicketUse { ticket: ticket?, contract: contract?, receipt: receipt?, evidence: Some(evidence?) };
    verify_ticket_use(&parts, rules)
}

fn reference(documents: &Documents<'_>, kind: Reference, file: &str) -> Option<Result<(), Refusal>> {
    let [_, _, _, (_, ticket), ..] = LIFECYCLE;
    let subject = || documents.open(ticket);
    documents
        .bundle()
        .contains(file)
        .then(|| documents.open(file).and_then(|reference| verify_reference(kind, reference, subject()?)))
}
