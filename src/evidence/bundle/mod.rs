//! The bundle of a run: six artifacts that bind each other, in the form of SCLite.
//!
//! ```text
//! intent ◀─ policy ◀─ contract ◀─ ticket ◀─ receipt ◀─ evidence
//! └── equal for every run of a plan ──┘   └── of one run ──┘
//! ```
//!
//! Truthful form: the admitted plan is the one bounded command, the mode is `live`, times are UTC and inside the ticket's window,
//! and nothing is claimed that the receipt does not show. `docs/evidence.md` says what each field means.

mod check;
mod claims;
mod files;
mod form;
mod receipt;
mod root;
mod terms;
mod ticket;

pub use check::{Checked, Checker};
pub(super) use claims::{Said, claims};
pub use files::{FilesError, files};
pub(super) use receipt::{Receipt, Status};
pub(super) use root::root;
pub use terms::{Agreed, Agreement, Terms, Verdict};
pub(super) use ticket::Ticket;
