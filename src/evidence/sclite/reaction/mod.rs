//! The artifacts of a reaction: what was seen, what was found in it, what is done about it, and what is proposed to a person.
//!
//! The builders here know the format and nothing else: bounds and closed shapes are those of the schemas, which
//! [`Artifact::keeps_schema`](super::Artifact::keeps_schema) checks.

mod chain;
mod finding;
mod observation;
mod plan;
mod proposal;
mod verify;

pub use chain::{Decided, ReactionChain};
pub use observation::{ObservationEnvelope, ProfileRef};
pub use plan::Admission;
pub use proposal::EscalationProposal;
pub use verify::{Reaction, verify_reaction};

use super::Artifact;
use crate::evidence::json::Json;
use finding::Finding;
use plan::{PlanContext, ReactionPlan};

/// A link that holds an address and nothing else: reactions refuse the role that links of a lifecycle carry.
fn bare_link(artifact: &Artifact) -> Json {
    Json::from([("descriptor", artifact.descriptor().clone())])
}
