//! Hosts behind an SSH server: the only module that knows the SSH library.
//!
//! One session is a chain of hops, each reached through the one before, each verified against known_hosts and logged in to on
//! its own. Readings are commands on channels of the last hop. Nothing is forwarded, no terminal is asked for, nothing the
//! server opens is accepted.

mod auth;
mod certificate;
mod client;
mod command;
mod cut;
mod exec;
#[cfg(any(test, feature = "fuzz"))]
pub(super) mod fuzz;
mod gate;
mod handshakes;
mod hop;
mod host;
mod host_key;
mod identity;
mod known_hosts;
mod pattern;
mod scan;
mod session;
mod tcp;

pub use command::remote_command;
pub use gate::{Gate, MAX_PUBLIC_KEY, public_key};
pub(super) use handshakes::Handshakes;
pub use scan::scan;
pub(super) use session::Session;

/// `host:port` for messages.
fn label(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// A pause around `base`: between half of it and one and a half, so that clients refused together do not come back together.
fn jitter(base: std::time::Duration) -> std::time::Duration {
    use std::hash::{BuildHasher as _, RandomState};
    let random = u32::try_from(RandomState::new().hash_one(0_u8) % 1000).unwrap_or_default();
    base / 2 + base * random / 1000
}
