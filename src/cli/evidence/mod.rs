//! `tecrax evidence`: what auditors ask of the log. One file per command.

pub mod args;
mod content;
mod files;
mod instant;
mod layout;
mod list;
mod reference;
mod report;
mod scope;
mod show;
mod sums;
mod verify;

use super::context::Context;
use super::exit::{Exit, Failure};
use args::{EvidenceArgs, EvidenceCommand};

/// Runs `evidence`.
pub fn run(context: &Context<'_>, args: &EvidenceArgs) -> Result<Exit, Failure> {
    match &args.command {
        EvidenceCommand::List(args) => list::run(context, args),
        EvidenceCommand::Show(args) => show::run(context, args),
        EvidenceCommand::Verify(args) => verify::run(context, args),
        EvidenceCommand::Report(args) => report::run(context, args),
        _ => Err(Failure::new(Exit::Io, "being built")),
    }
}
