//! What is done about what was seen: nothing, look again, or call a person. Pure.
//!
//! The rules of a [`pack`] say what an observation asks for ([`Ruling`]). [`decide`] weighs that by what is known of each finding
//! ([`track`]): whether it was seen often enough, whether its owner accepts it, whether a person was called for it before.

mod about;
pub mod artifacts;
mod chain;
mod decide;
pub mod escalation;
mod expected;
mod gone;
mod observation;
mod observed;
pub mod pack;
mod packs;
mod reached;
mod recorded;
mod ruling;
mod track;
mod waiver;
mod words;

pub use about::{SecondLook, about};
pub use chain::Chain;
pub use decide::{Decision, Inputs, decide};
pub use expected::{Expected, expected};
pub use gone::is_gone;
pub use observation::observation;
pub use observed::{VERDICT, observed_facts};
pub use packs::Packs;
pub use reached::reached;
pub use recorded::{RecordedInputs, RecordedRuling};
pub use ruling::{Asks, Block, Ruling};
pub use track::{Seen, Terms, track};
pub use waiver::{WAIVER, WAIVER_EXPIRES, WAIVER_NOTICE, ending, in_force, waives};
