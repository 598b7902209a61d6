//! Policies: selectors and typed rules, with nothing left to look up.
//!
//! Every word of a rule is checked here: keys come from a closed list (`key`), values from what the key can have, kinds of
//! obligations and constraints from a closed list (`controls`), and rules are held against each other (`order`). A Policy with
//! an error keeps its selectors and loses its rules: what it selects is denied, never silently admitted.

mod controls;
mod key;
mod memory;
mod model;
mod order;
mod read;
mod selection;

pub use controls::Controls;
pub use key::Key;
pub use memory::{Remembered, remember};
pub use model::{Condition, DesiredPolicy, Law, Rule};
pub use selection::Selection;

pub(super) use read::{lost, read, scope};
