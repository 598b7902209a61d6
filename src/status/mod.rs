//! Conditions, reasons and roll-ups: what a person reads, as a fold over the log. Pure.

mod brief;
mod delivery;
mod escalation;
mod escalation_view;
mod escalation_world;
mod fold;
mod judge;
mod lint;
mod reacted;
mod refusal;
mod remembered;
mod rollup;
mod target;
mod view;
mod wanted;
mod wanted_policy;
mod wanted_sink;

pub use brief::PairBrief;
pub use delivery::{Delivery, Ledger, Phase, SinkHealth};
pub use escalation::{EscalationState, fold_escalation};
pub use escalation_view::matter_now;
pub use escalation_world::{Wants, escalation_world};
pub use fold::{PairState, fold};
pub use judge::judge;
pub use lint::lint;
pub use refusal::Refusal;
pub use remembered::tracked_in;
pub use rollup::{Counts, RollUp, roll_up};
pub use target::{TargetView, target_view};
pub use view::{View, view};
pub use wanted::{Wanted, WantedCheck, WantedTarget};
pub use wanted_policy::WantedPolicy;
pub use wanted_sink::WantedSink;
