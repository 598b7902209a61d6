//! `tecrax ssh known-hosts`: a host's keys, to be compared by a person.

use std::time::Duration;

use super::args::{SshArgs, SshCommand};
use super::context::Context;
use super::exit::{Exit, Failure};
use crate::connect;

/// Time for each of the handshakes.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Runs `ssh`.
pub fn run(context: &Context<'_>, args: &SshArgs) -> Result<Exit, Failure> {
    let SshCommand::KnownHosts { host, port } = &args.command;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Io, format!("cannot start: {error}")))?;
    let lines = runtime.block_on(connect::ssh::scan(host, *port, TIMEOUT)).map_err(|failure| {
        let out = Failure::new(Exit::Unknown, failure.message);
        match failure.next_step {
            Some(step) => out.help(step),
            None => out,
        }
    })?;
    context.screen.data(&(lines.join("\n") + "\n"));
    context.screen.word(
        "compare these fingerprints with the host's own (ssh-keygen -lf on its console), then keep the lines in known_hosts",
    );
    Ok(Exit::Ok)
}
