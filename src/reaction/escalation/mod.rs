//! Open matters for a person. Level-triggered: what is wrong now, and what is open, give what has to change; nothing is remembered in
//! between, so a crash between a run and this loses nothing.

mod change;
mod context;
mod matter;

pub use change::EscalationChange;
pub use context::{CHANGES_MAX, Context, FactChange, NAMES_MAX, Parent, RunPlace};
pub use matter::{Acknowledgement, CLAIMS_MAX, Claim, MEMBERS_MAX, Matter, Members, Suppression, SuppressionReason};
