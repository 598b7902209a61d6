//! The daemon's own pages over HTTP: read-only, and on this machine unless told otherwise.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Metrics, Vitals};
use crate::store::Store;

/// Connections at a time; further ones wait.
const CONNECTIONS_MAX: usize = 32;
/// How long a connection may live: whoever reads pages reads them at once.
const CONNECTION_TIME: Duration = Duration::from_secs(10);
/// How long the head of a request may take.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// Pause after a connection that could not be accepted: no file descriptor is left, and asking again at once does not help.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What the pages show.
#[derive(Debug)]
pub struct Pages {
    /// Whether the daemon is well.
    pub vitals: Arc<Vitals>,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// Where it records: asked how long it has been at one thing.
    pub store: Store,
}

/// Opens the port.
///
/// # Errors
/// Those of the operating system: the address is taken or not of this machine.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

impl Pages {
    /// Answers until the future is dropped.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        let free = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(permit) = Arc::clone(&free).acquire_owned().await else { return };
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::debug!("a connection was not accepted: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let pages = Arc::clone(&self);
            tokio::spawn(async move {
                let answer = service_fn(move |request: Request<Incoming>| {
                    let response = pages.answer(request.method(), request.uri().path());
                    async move { Ok::<_, Infallible>(response) }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEAD_TIME)
                    .serve_connection(TokioIo::new(stream), answer);
                // Who hangs up early has what it wants.
                let _ = timeout(CONNECTION_TIME, connection).await;
                drop(permit);
            });
        }
    }

    /// The page of a path.
    fn answer(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut response =
                text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD: nothing here changes anything\n".to_owned());
            response.headers_mut().insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        match path {
            "/healthz" if self.vitals.turns() => text(StatusCode::OK, "ok\n".to_owned()),
            "/healthz" => text(StatusCode::SERVICE_UNAVAILABLE, "scheduler: does not turn\n".to_owned()),
            "/readyz" => {
                let complaints = self.vitals.complaints(self.store.busy_for());
                if complaints.is_empty() {
                    text(StatusCode::OK, "ok\n".to_owned())
                } else {
                    text(StatusCode::SERVICE_UNAVAILABLE, complaints.join("\n") + "\n")
                }
            }
            "/metrics" => {
                self.metrics.hang(self.vitals.hanging(self.store.busy_for()));
                let mut response = text(StatusCode::OK, self.metrics.render());
                let format = hyper::header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, format);
                response
            }
            _ => text(StatusCode::NOT_FOUND, "there are /healthz, /readyz and /metrics\n".to_owned()),
        }
    }
}

fn text(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, hyper::header::HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use hyper::{Method, StatusCode};
    use jiff::Timestamp;

    use super::{Arc, Duration, Metrics, Pages, Store, Vitals};
    use crate::engine::{Event, ManualClock, RESCAN, TICK_MAX};

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_hangs_a_store_that_fails_and_a_reading_that_fails_each_make_it_not_ready() {
        let metrics = Arc::new(Metrics::new(ManualClock::new(Timestamp::UNIX_EPOCH).now()));
        let Ok(store) = Store::in_memory("here") else { unreachable!("it needs no disk") };
        let pages = Pages { vitals: Arc::new(Vitals::new(RESCAN)), metrics, store };
        let hear = |event: Event| {
            pages.vitals.hear(&event);
            pages.metrics.hear(&event);
        };
        let status = |path: &str| pages.answer(&Method::GET, path).status();
        let well = || {
            hear(Event::Ticked { started: 0, late: None });
            assert_eq!((status("/healthz"), status("/readyz")), (StatusCode::OK, StatusCode::OK));
        };
        let ill = || assert_eq!(status("/readyz"), StatusCode::SERVICE_UNAVAILABLE);
        ill();
        hear(Event::Reloaded { pairs: 1, errors: 0, held: 0 });
        well();

        tokio::time::advance(TICK_MAX + Duration::from_secs(1)).await;
        ill();
        assert_eq!(status("/healthz"), StatusCode::SERVICE_UNAVAILABLE);
        well();

        hear(Event::StoreFailed("disk full".to_owned()));
        ill();
        assert_eq!(status("/healthz"), StatusCode::OK, "restarting mends no disk");
        let Some(pair) = crate::api::PairId::parse("default/a.b") else { unreachable!("it is one") };
        hear(Event::Removed(pair));
        well();

        let reload = || {
            let page = pages.metrics.render();
            let value = |name: &str| page.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).map(str::to_owned);
            (value("tecrax_manifest_last_reload_successful "), value("tecrax_manifest_reload_failures_total "))
        };
        let is = |works: &str, failures: &str| assert_eq!(reload(), (Some(works.to_owned()), Some(failures.to_owned())));
        is("1", "0");
        hear(Event::Reloaded { pairs: 1, errors: 2, held: 0 });
        ill();
        is("0", "1");
        hear(Event::ReloadFails("no such file".to_owned()));
        hear(Event::Reloaded { pairs: 1, errors: 0, held: 0 });
        ill();
        is("0", "2");
        hear(Event::ReloadWorks);
        well();
        is("1", "2");
    }
}
