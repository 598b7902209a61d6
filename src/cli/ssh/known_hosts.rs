//! `tecrax ssh known-hosts`: a host's keys, to be compared by a person.

use std::time::Duration;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use crate::connect;

/// Time for each of the handshakes.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Runs `ssh known-hosts`.
pub(super) fn run(context: &Context<'_>, host: &str, port: u16) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Io, format!("cannot start: {error}")))?;
    let lines = runtime.block_on(connect::ssh::scan(host, port, TIMEOUT)).map_err(|failure| {
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
