//! References to secrets become values here and in `connect`; every other stage gets only a [`Redactor`].
//!
//! A [`Resolver`] looks a reference up in four [`Sources`]: one YAML file, one directory, the credentials of the systemd unit, the
//! environment. Each value it finds is known to the Redactor before anybody may use it, and everything that the sources hold is
//! known from the start, referred to or not: what is hidden does not depend on the order of work.
//!
//! The Redactor removes known values in the forms that they travel in, and whatever looks like a secret by its pattern. It works
//! on text as it was read, before anything is digested, cut or quoted: a digest over text that nobody may see proves nothing, and
//! half a secret is no longer found.

mod directory;
mod error;
mod file;
mod forms;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod json;
mod known;
mod process;
mod redactor;
mod resolver;
mod safe;
mod sources;
mod value;
mod variable;

pub use error::SecretError;
pub use process::keep_private;
pub use redactor::Redactor;
pub use resolver::Resolver;
pub use sources::Sources;
pub use value::SecretValue;
