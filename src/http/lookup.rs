//! Addresses of names as this machine resolves them, and not too many at once.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::lookup_host;
use tokio::sync::Semaphore;

/// Look-ups at once. Each takes a thread until the system's resolver gives up, whoever waits for it, and files and secrets are read on the same
/// threads: of these there are 512 (Tokio's default). A DNS server that does not answer takes half of them at most.
const AT_ONCE: usize = 256;

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);

/// The addresses of a host, which may be an address. May be dropped at any point.
///
/// # Errors
/// The resolver's.
pub async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let host = host.to_owned();
    in_turn(&PLACES, async move { Ok(lookup_host((host.as_str(), port)).await?.collect()) }).await
}

/// Waits for a place, and keeps it until `look` has ended: somebody who does not wait any more ends no thread.
async fn in_turn<T: Send + 'static>(
    places: &'static Semaphore,
    look: impl Future<Output = io::Result<T>> + Send + 'static,
) -> io::Result<T> {
    let place = places.acquire().await.map_err(io::Error::other)?;
    let looking = tokio::spawn(async move {
        let _place = place;
        look.await
    });
    looking.await.map_err(io::Error::other)?
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what is missing fails the test")]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::sync::oneshot;
    use tokio::time::timeout;

    use super::{Semaphore, in_turn, resolve};

    #[tokio::test(start_paused = true)]
    async fn who_does_not_wait_any_more_leaves_no_place_to_others() {
        static TWO: Semaphore = Semaphore::const_new(2);
        let (end, ended) = oneshot::channel::<()>();
        let hangs = async move { Ok(ended.await.is_ok()) };
        let forever = std::future::pending::<std::io::Result<bool>>();
        let patience = Duration::from_secs(5);
        assert!(timeout(patience, in_turn(&TWO, hangs)).await.is_err());
        assert!(timeout(patience, in_turn(&TWO, forever)).await.is_err());
        assert!(timeout(patience, in_turn(&TWO, async { Ok(true) })).await.is_err(), "both are looked up still");
        end.send(()).unwrap();
        assert!(in_turn(&TWO, async { Ok(true) }).await.unwrap());
    }

    #[tokio::test]
    async fn an_address_is_its_own_and_a_name_is_looked_up() {
        assert_eq!(resolve("192.0.2.1", 22).await.unwrap(), [(Ipv4Addr::new(192, 0, 2, 1), 22).into()]);
        assert_eq!(resolve("::1", 22).await.unwrap().len(), 1);
        assert!(resolve("localhost", 80).await.unwrap().iter().all(|address| address.ip().is_loopback() && address.port() == 80));
    }
}
