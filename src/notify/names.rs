//! Names of Sinks become addresses, by the resolver of this machine.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;

/// Why a name has no address. Found in the chain of an error to tell it from a server that does not answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NameError(String);

/// The resolver of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await.map_err(|error| NameError(error.to_string()))?;
            let addresses: Vec<_> = found.take(MAX_ADDRESSES).collect();
            if addresses.is_empty() {
                return Err(NameError("it has no address".to_owned()).into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}
