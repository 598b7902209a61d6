//! `tecrax evidence`: what auditors ask of the log. One file per command.

pub mod args;
mod content;
mod export;
mod files;
#[cfg(any(test, feature = "fuzz"))]
pub(super) mod fuzz;
mod instant;
mod layout;
mod list;
mod prove;
mod prune;
mod reference;
mod replay;
mod report;
mod scope;
mod show;
mod sums;
mod verify;

use super::context::Context;
use super::exit::{Exit, Failure};
use crate::store::Db;
use args::{EvidenceArgs, EvidenceCommand};
pub use reference::name as record_name;

/// Runs `evidence`.
pub fn run(context: &Context<'_>, args: &EvidenceArgs) -> Result<Exit, Failure> {
    match &args.command {
        EvidenceCommand::List(args) => list::run(context, args),
        EvidenceCommand::Show(args) => show::run(context, args),
        EvidenceCommand::Verify(args) => verify::run(context, args),
        EvidenceCommand::Export(args) => export::run(context, args),
        EvidenceCommand::Prove(args) => prove::run(context, args),
        EvidenceCommand::Report(args) => report::run(context, args),
        EvidenceCommand::Prune(args) => prune::run(context, args),
        EvidenceCommand::Replay(args) => replay::run(context, args),
    }
}

/// The log, for commands that have nothing to say without one.
///
/// # Errors
/// The store's; [`Exit::Io`] before the first run: nobody may read "nothing is wrong" out of that.
fn log(context: &Context<'_>) -> Result<Db, Failure> {
    match context.db()? {
        Some(db) => Ok(db),
        None => Err(Failure::new(Exit::Io, "there is no log").help(context.nothing_yet()?)),
    }
}
