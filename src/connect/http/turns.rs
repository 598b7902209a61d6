//! Turns at a server: a thousand Targets behind one address share its connections instead of opening one each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Requests to one server that are under way before the next one waits for its turn.
const AT_ONCE: usize = 64;
/// Longest wait for a turn. A server that answers is through by then; one that does not answer must not hold up the requests that
/// are to say so, each in its own time.
const PATIENCE: Duration = Duration::from_millis(50);
/// Servers that are remembered.
const MAX_SERVERS: usize = 8192;

/// The turns at every server that is asked.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<(String, u16), Arc<Turn>>>);

/// The turns at one server.
#[derive(Debug)]
pub(super) struct Turn(Semaphore);

impl Turns {
    /// The turns at the server that `url` names.
    pub(super) fn at(&self, url: &Url) -> Arc<Turn> {
        let server = (url.host_str().unwrap_or_default().to_owned(), url.port_or_known_default().unwrap_or_default());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_SERVERS {
            known.clear();
        }
        Arc::clone(known.entry(server).or_insert_with(|| Arc::new(Turn(Semaphore::new(AT_ONCE)))))
    }
}

impl Turn {
    /// Waits for a turn, but not for long: `None` is as good as one.
    pub(super) async fn wait(&self) -> Option<SemaphorePermit<'_>> {
        timeout(PATIENCE, self.0.acquire()).await.ok()?.ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "an address that does not parse fails the test")]
mod tests {
    use std::sync::Arc;

    use super::{AT_ONCE, Turns};

    #[tokio::test(start_paused = true)]
    async fn one_more_than_a_server_takes_at_once_waits_for_the_first_to_end_and_never_for_long() {
        let turns = Turns::default();
        let turn = turns.at(&"http://zabbix.example.net/a".parse().unwrap());
        let mut taken = Vec::new();
        for _ in 0..AT_ONCE {
            taken.push(turn.wait().await);
        }
        assert!(taken.iter().all(Option::is_some));
        assert!(turn.wait().await.is_none(), "all turns are taken, and nobody gives one back");
        taken.pop();
        assert!(turn.wait().await.is_some());
    }

    #[test]
    fn a_server_is_host_and_port_whatever_the_path() {
        let turns = Turns::default();
        let at = |url: &str| turns.at(&url.parse().unwrap());
        assert!(Arc::ptr_eq(&at("http://zabbix.example.net/a"), &at("http://zabbix.example.net:80/b/c")));
        assert!(!Arc::ptr_eq(&at("http://zabbix.example.net"), &at("https://zabbix.example.net")));
        assert!(!Arc::ptr_eq(&at("http://zabbix.example.net"), &at("http://other.example.net")));
    }
}
