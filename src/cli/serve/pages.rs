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
                let complaints = self.vitals.complaints();
                if complaints.is_empty() {
                    text(StatusCode::OK, "ok\n".to_owned())
                } else {
                    text(StatusCode::SERVICE_UNAVAILABLE, complaints.join("\n") + "\n")
                }
            }
            "/metrics" => {
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
