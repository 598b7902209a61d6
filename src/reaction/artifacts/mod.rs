//! What a reaction leaves behind for people and for other verifiers, by the rules of the Python stack's tecrax profile: observations,
//! proposals, and the review of its fixture.

mod evidence_ref;
mod explanation;
mod fixture_review;
mod observation;
mod parts;
mod proposal;
mod rejected;
mod token;

pub use explanation::{EXPLANATION_MAX, Told};
pub use fixture_review::{fixture_ref, fixture_review};
pub use observation::{Observed, observation};
pub use parts::{Reacted, reaction_parts};
pub use proposal::{Intents, Proposed, READ_ONLY_MODES, proposal, validate_proposal};
pub use rejected::Rejected;
pub use token::{is_alphanumeric, token};
