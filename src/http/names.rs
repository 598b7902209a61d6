//! Names of servers become addresses; what was found is remembered, so that a connection can be checked against it.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;
/// Addresses of one name that are remembered: a name of a large service has another few of them every time.
const MAX_KNOWN: usize = 64;
/// Names that are remembered.
const MAX_NAMES: usize = 8192;

/// Why a name has no address. Found in the chain of an error to tell it from a server that does not answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NameError(String);

/// The resolver of this machine, and what it said.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    known: Arc<Mutex<BTreeMap<String, VecDeque<IpAddr>>>>,
}

impl Names {
    /// Whether `address` is one that `host` was resolved to.
    pub(super) fn knows(&self, host: &str, address: IpAddr) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&host.to_ascii_lowercase()).is_some_and(|addresses| addresses.contains(&address))
    }

    fn remember(&self, host: &str, addresses: &[SocketAddr]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_NAMES {
            known.clear();
        }
        let list = known.entry(host.to_ascii_lowercase()).or_default();
        for address in addresses.iter().map(SocketAddr::ip) {
            list.retain(|old| *old != address);
            list.push_front(address);
        }
        list.truncate(MAX_KNOWN);
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let host = name.as_str();
            let found = lookup_host((host, 0)).await.map_err(|error| NameError(error.to_string()))?;
            let addresses: Vec<_> = found.filter(|address| is_host(address.ip())).take(MAX_ADDRESSES).collect();
            if addresses.is_empty() {
                return Err(NameError("it has no address of a host".to_owned()).into());
            }
            names.remember(host, &addresses);
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether one host can answer there.
fn is_host(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    !address.is_unspecified() && !address.is_multicast() && !broadcast
}
