//! Text that is a secret by its looks or by its name, whether or not anybody knows the value.
//!
//! One set of rules for two uses: manifests that hold such text are refused when they are read, and outputs that hold it are
//! cleaned before anything else happens to them. Pure, and without any value of its own.

mod key_value;
mod marker;
mod name;
mod pattern;
mod span;

pub(crate) use key_value::{any_value, is_harmless};
pub(crate) use marker::{Marker, markers};
pub(crate) use name::{names_access, names_secret};
pub(crate) use pattern::{find, login};
pub(crate) use span::{MARK, replaced};
