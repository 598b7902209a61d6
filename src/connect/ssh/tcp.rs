//! TCP to a name or address.

use std::io;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::api::ErrorClass;
use crate::connect::Failure;
use crate::http::{no_files, resolve};

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;

/// Connects to the first address of `host` that answers before `deadline`.
///
/// Each address gets an even share of the time that is left, so that one that swallows packets does not starve the others.
pub(super) async fn dial(host: &str, port: u16, deadline: Instant) -> Result<TcpStream, Failure> {
    let label = super::label(host, port);
    let addresses: Vec<_> = match timeout_at(deadline, resolve(host, port)).await {
        Ok(Ok(addresses)) => addresses.into_iter().take(MAX_ADDRESSES).collect(),
        Ok(Err(error)) => return Err(unreachable(format!("the name {host} can not be resolved: {error}")).because(&error)),
        Err(_) => return Err(unreachable(format!("the name {host} can not be resolved in time"))),
    };
    let mut last = unreachable(format!("the name {host} has no address"));
    let mut left = u32::try_from(addresses.len()).unwrap_or(1);
    for address in addresses {
        let now = Instant::now();
        let share = deadline.saturating_duration_since(now) / left.max(1);
        left = left.saturating_sub(1);
        last = match timeout_at(now + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it, small packets of the handshake wait for acknowledgements. A failure only costs time.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            // What was not asked might have answered.
            Ok(Err(error)) if no_files(&error) => return Err(refused(&label, &error)),
            Ok(Err(error)) => refused(&label, &error),
            Err(_) => unreachable(format!("{label} does not answer")),
        };
    }
    Err(last)
}

fn refused(label: &str, error: &io::Error) -> Failure {
    let why = match error.kind() {
        io::ErrorKind::ConnectionRefused => "refuses connections".to_owned(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "has no route from here".to_owned(),
        _ => format!("can not be reached: {error}"),
    };
    unreachable(format!("{label} {why}")).because(error)
}

fn unreachable(message: String) -> Failure {
    Failure::new(ErrorClass::Unreachable, message)
        .next_step("Check that the host is up, its name and port, and what stands in between.")
}
