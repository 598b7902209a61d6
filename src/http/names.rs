//! Names of servers become addresses; what was found is remembered, so that a connection can be checked against it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::lookup::resolve;

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;
/// Addresses of one name that are remembered: a name of a large service has another few of them every time.
const MAX_KNOWN: usize = 64;
/// Names that nobody asks at the moment and that are remembered all the same: connections outlive who opened them by seconds.
const MAX_NAMES: usize = 8192;
/// Names that are looked at for one to forget.
const MAX_LOOKED: usize = 16;

/// Why a name has no address. Found in the chain of an error to tell it from a server that does not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NameError {
    /// The resolver of this machine has no answer.
    #[error("{0}")]
    Unanswered(#[from] io::Error),
    /// Its answer is none.
    #[error("it has no address of a host")]
    NoAddress,
}

/// A name that somebody asks. As long as it is held, what the name was resolved to is remembered.
#[derive(Debug, Clone)]
pub struct Host(Arc<Addresses>);

type Addresses = Mutex<VecDeque<IpAddr>>;

impl Host {
    /// Whether `address` is one that the name was resolved to for a request.
    pub fn has(&self, address: IpAddr) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&address)
    }
}

/// The resolver of this machine, and what it said.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    known: Arc<Mutex<Known>>,
}

/// What is remembered: by name, and the names in the order in which they were asked for last.
#[derive(Debug, Default)]
struct Known {
    by_name: HashMap<Arc<str>, (u64, Host)>,
    by_turn: BTreeMap<u64, Arc<str>>,
    turn: u64,
}

impl Names {
    /// The name `host`, whatever its case.
    pub(super) fn host(&self, host: &str) -> Host {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).host(&host.to_ascii_lowercase())
    }

    pub(super) fn remember(&self, host: &str, addresses: impl Iterator<Item = IpAddr>) {
        let host = self.host(host);
        let mut list = host.0.lock().unwrap_or_else(PoisonError::into_inner);
        for address in addresses {
            list.retain(|old| *old != address);
            list.push_front(address);
        }
        list.truncate(MAX_KNOWN);
    }
}

impl Known {
    fn host(&mut self, name: &str) -> Host {
        self.turn += 1;
        if let Some((turn, host)) = self.by_name.get_mut(name) {
            if let Some(name) = self.by_turn.remove(turn) {
                self.by_turn.insert(self.turn, name);
            }
            *turn = self.turn;
            return host.clone();
        }
        self.make_room();
        self.turn += 1;
        let (name, host) = (Arc::<str>::from(name), Host(Arc::default()));
        self.by_turn.insert(self.turn, Arc::clone(&name));
        self.by_name.insert(name, (self.turn, host.clone()));
        host
    }

    /// Forgets those that nobody has asked for longest, until there is room. One that is held goes to the end of the line: there are as
    /// many of those as there are open sessions.
    fn make_room(&mut self) {
        for _ in 0..MAX_LOOKED {
            if self.by_name.len() < MAX_NAMES {
                return;
            }
            let Some((_, name)) = self.by_turn.pop_first() else { return };
            match self.by_name.get_mut(&name) {
                Some((turn, host)) if Arc::strong_count(&host.0) > 1 => {
                    self.turn += 1;
                    *turn = self.turn;
                    self.by_turn.insert(self.turn, name);
                }
                _ => drop(self.by_name.remove(&name)),
            }
        }
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let host = name.as_str();
            let found = resolve(host, 0).await.map_err(NameError::from)?;
            let addresses: Vec<_> = found.into_iter().filter(|address| is_host(address.ip())).take(MAX_ADDRESSES).collect();
            if addresses.is_empty() {
                return Err(NameError::NoAddress.into());
            }
            names.remember(host, addresses.iter().map(SocketAddr::ip));
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

#[cfg(test)]
mod tests {
    use std::iter;
    use std::net::{IpAddr, Ipv4Addr};

    use super::{MAX_KNOWN, MAX_NAMES, Names};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    fn flood(names: &Names, count: usize) {
        for number in 0..count {
            names.remember(&format!("host-{number}.example.net"), iter::once(THERE));
        }
    }

    fn count(names: &Names) -> (usize, usize) {
        let known = names.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (known.by_name.len(), known.by_turn.len())
    }

    #[test]
    fn a_name_that_is_held_keeps_its_addresses_however_many_others_come() {
        let names = Names::default();
        let held = names.host("Zabbix.example.net");
        names.remember("zabbix.example.net", iter::once(HERE));
        flood(&names, 3 * MAX_NAMES);
        assert!(held.has(HERE) && !held.has(THERE));
        assert!(names.host("ZABBIX.example.net").has(HERE), "who opens another session finds them, too");
        assert_eq!(count(&names), (MAX_NAMES, MAX_NAMES));
    }

    #[test]
    fn one_name_more_costs_the_oldest_and_no_other() {
        let names = Names::default();
        flood(&names, MAX_NAMES);
        // What is known needs no room.
        names.remember("host-0.example.net", iter::once(HERE));
        names.remember("one-more.example.net", iter::once(HERE));
        assert!(!names.host("host-1.example.net").has(THERE), "the oldest");
        let kept = |number: usize| names.host(&format!("host-{number}.example.net")).has(THERE);
        // Asking for the forgotten one cost the next.
        assert!(kept(0) && (3..MAX_NAMES).all(kept));
    }

    #[test]
    fn more_names_may_be_held_than_are_remembered_and_go_when_they_are_let_go() {
        let names = Names::default();
        let held: Vec<_> = (0..MAX_NAMES + 9).map(|number| names.host(&format!("held-{number}.example.net"))).collect();
        names.remember("held-0.example.net", iter::once(HERE));
        flood(&names, 100);
        assert!(held.first().is_some_and(|host| host.has(HERE)));
        drop(held);
        flood(&names, 2 * MAX_NAMES);
        assert_eq!(count(&names), (MAX_NAMES, MAX_NAMES));
    }

    #[test]
    fn addresses_of_one_name_are_bounded() {
        let names = Names::default();
        let held = names.host("many.example.net");
        let address = |number: usize| IpAddr::from([10, 0, 0, u8::try_from(number).unwrap_or(u8::MAX)]);
        for number in 0..=MAX_KNOWN {
            names.remember("many.example.net", iter::once(address(number)));
        }
        assert!(!held.has(address(0)) && (1..=MAX_KNOWN).all(|number| held.has(address(number))));
    }
}
