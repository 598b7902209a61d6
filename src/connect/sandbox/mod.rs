//! What stands between a command on this machine and the machine.
//!
//! The program starts itself once more as a *template* ([`template`]), which copies itself for each command. The copy is the command's
//! *helper*: it shuts itself in, starts the command, and ends everything the command left behind. A process that has threads can not
//! do that to a child without unsafe code; one that has a single thread can do it to itself, and whatever it starts inherits it.
//!
//! ```text
//! tecrax ──starts once──▶ template
//!    │  └───orders, one message each───▶│
//!    │                         copies itself for each
//!    │                                  ▼
//!    └◀──its own socket: how it went── helper ──copies itself──▶ first process of a PID namespace (level `full`)
//!                                       └────────starts────────▶ the command
//! ```
//!
//! The helper ends everything when the command ends, when tecrax lets go of the socket between them, and when tecrax dies; the first
//! process ends everything when the helper dies. The template ends when tecrax does, as soon as it may do anything; when it is ended before, its
//! helpers go on, and the next command gets another template. `docs/sandbox.md` says what each level holds and what it does not.

mod calls;
mod children;
mod confined;
mod ending;
mod files;
mod first;
mod folder;
mod helper;
mod helper_id;
mod kept;
mod limits;
mod maps;
mod order;
mod powers;
mod probe;
mod refusal;
mod report;
mod request;
mod room;
mod shut;
mod spawn;
mod switch;
mod template;
mod templates;
mod told;

pub(in crate::connect) use confined::{Confined, Over, Silence};
pub(in crate::connect) use refusal::{Part, Refusal, is_short, of_the_moment};
pub(in crate::connect) use report::End;
pub use switch::Sandbox;
pub(in crate::connect) use switch::Wanted;
pub use template::template;
