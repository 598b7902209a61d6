//! Open matters for a person. Level-triggered: what is wrong now, and what is open, give what has to change; nothing is remembered in
//! between, so a crash between a run and this loses nothing.

mod ack;
mod await_group;
mod change;
mod context;
mod decide;
mod demand;
mod diff;
mod group;
mod loss;
mod matter;
mod standing;
mod suppress;
mod words;
mod world;

pub use ack::{AckError, acknowledge, withdraw};
pub use await_group::{HOLD_MAX, HOLD_MIN};
pub use change::EscalationChange;
pub use context::{CHANGES_MAX, Context, FactChange, NAMES_MAX, Parent, RunPlace, Uncompared};
pub use decide::{Change, Decision, reconcile};
pub use diff::fact_changes;
pub use group::{ALIKE_MIN, LOST_MIN};
pub use loss::{is_loss, is_lost, loss_key};
pub use matter::{Acknowledgement, CLAIMS_MAX, Claim, MEMBERS_MAX, Matter, Members, Suppression, SuppressionReason};
pub use suppress::Held;
pub use world::{Look, TargetKey, World};
