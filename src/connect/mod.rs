//! The only code that touches a target.

mod reading;

pub use reading::{Failure, Output};
