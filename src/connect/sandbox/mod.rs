//! What stands between a command on this machine and the machine.
//!
//! The program starts itself once more as a *helper* ([`helper`]), which shuts itself in, starts the command, and ends everything
//! the command left behind. A process that has threads can not do that to a child without unsafe code; a fresh one can do it to
//! itself, and whatever it starts inherits it.
//!
//! ```text
//! tecrax ──starts──▶ helper ──copies itself──▶ first process of a PID namespace (level `full`)
//!    ▲                  └────starts─────▶ the command
//!    └── one line at the end: how the command ended
//! ```
//!
//! The helper ends everything when the command ends, when tecrax closes the socket between them, and when tecrax dies; the first
//! process ends everything when the helper dies. `docs/sandbox.md` says what each level holds and what it does not.

mod calls;
mod confined;
mod ending;
mod files;
mod first;
mod folder;
mod helper;
mod kept;
mod limits;
mod maps;
mod order;
mod powers;
mod probe;
mod report;
mod shut;
mod spawn;
mod switch;

pub(in crate::connect) use confined::{Confined, Heard};
pub use helper::helper;
pub(in crate::connect) use report::{End, Refusal};
pub use switch::Sandbox;
