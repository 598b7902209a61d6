//! How many handshakes one jump host sees at once. Its SSH server drops connections at random when more are under way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Handshakes with or through one jump host at once; OpenSSH starts dropping above ten (`MaxStartups 10:30:100`).
const AT_ONCE: usize = 10;

/// Handshakes under way, by jump host.
#[derive(Debug, Default)]
pub(crate) struct Handshakes {
    by_host: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Handshakes {
    /// Waits for a place at the jump host `label`; the place is held as long as the permit.
    pub(super) async fn place(&self, label: &str) -> Option<OwnedSemaphorePermit> {
        let places = {
            let mut by_host = self.by_host.lock().unwrap_or_else(PoisonError::into_inner);
            if !by_host.contains_key(label) {
                // Jump hosts come and go with the manifests; one that nobody waits for and nobody is at begins anew.
                by_host.retain(|_, places| Arc::strong_count(places) > 1);
            }
            Arc::clone(by_host.entry(label.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))))
        };
        // A semaphore that nobody closes always has a permit in the end.
        places.acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::{AT_ONCE, Handshakes};

    #[test]
    fn the_eleventh_handshake_with_a_jump_host_waits_and_another_host_does_not() {
        let handshakes = Handshakes::default();
        let held: Vec<_> = (0..AT_ONCE).map(|_| handshakes.place("bastion:22").now_or_never()).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(handshakes.place("bastion:22").now_or_never().is_none());
        assert!(handshakes.place("other:22").now_or_never().is_some());
        drop(held);
        assert!(handshakes.place("bastion:22").now_or_never().is_some());
        assert!(handshakes.place("third:22").now_or_never().is_some());
        assert_eq!(handshakes.by_host.lock().map(|by_host| by_host.len()).ok(), Some(1), "only who is there is remembered");
    }
}
