//! Desired × latest evidence × now → what is due and why, and the plan of each pair. Pure.

mod due;
mod explain;
mod gap;
mod lint;
mod model;
mod schedule;

pub use due::{Mode, Timing, Why, next_after, timing};
pub use explain::{Entry, Planning, TargetLoad, planning};
pub use gap::{Between, Gap, SLOTS_MAX, gap};
pub use lint::lint;
pub use model::{Plan, Proposed, ReadStep, propose};
pub use schedule::{expected_until, fresh_until, next_slot};
