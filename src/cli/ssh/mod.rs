//! `tecrax ssh`: what both ends of a connection must know of each other.

mod args;
mod forced_command;
mod key;
mod known_hosts;

pub use args::SshArgs;

use args::SshCommand;

use super::context::Context;
use super::exit::{Exit, Failure};

/// Runs `ssh`.
pub fn run(context: &Context<'_>, args: &SshArgs) -> Result<Exit, Failure> {
    match &args.command {
        SshCommand::KnownHosts { host, port } => known_hosts::run(context, host, *port),
        SshCommand::ForcedCommand(args) => forced_command::run(context, args),
    }
}
