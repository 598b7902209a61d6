//! Target catalogs of the Python stack, and the operations of a profile: what can be asked of what, before anything is planned.
//!
//! A catalog names targets, the environment file each belongs to, and what each is able to do (`target`, `environment`, `inline`).
//! An operation is an intent with what it needs, of our profile (`operation`) or of one of the stack (`descriptor`); whether it applies to a target is a comparison (`applicability`).

mod applicability;
mod descriptor;
mod environment;
mod fields;
#[cfg(any(test, feature = "fuzz"))]
pub(super) mod fuzz;
mod inline;
mod operation;
mod read;
mod target;

pub use applicability::{Applicability, Status, applicability, of_declared};
pub use descriptor::{StackProfile, contract, descriptor, descriptors, intent, stack_profile};
pub(super) use environment::environment;
pub(super) use fields::scalar;
pub use operation::{Operation, operation, operations};
pub use read::{Catalog, read};
pub(super) use read::{Sources, sources};
pub use target::CatalogTarget;
