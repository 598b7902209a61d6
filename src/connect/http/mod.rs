//! Fixed requests to one origin; the only place that knows the HTTP library.
//!
//! A request goes to the origin of the connection and nowhere else: redirects are not followed, proxies are not used, nothing is
//! sent twice, and what a connection is given (token, headers, client certificate) is bound to its own requests. Everything that
//! comes back is bounded while it is read.
//!
//! * `origin`: where requests go. * `names`: its addresses. * `turns`: how many at once. * `clients`: one client for each set of TLS
//!   material.
//! * `request`: what is sent, in which form. * `reply`: what came back, up to the reading. * `json`, `rpc`: its content.
//! * `fault`: every way that sending and reading can fail.

mod clients;
mod fault;
#[cfg(any(test, feature = "fuzz"))]
pub(super) mod fuzz;
mod json;
mod names;
mod origin;
mod reply;
mod request;
mod rpc;
mod session;
mod turns;

pub(super) use clients::Clients;
pub(super) use session::Session;
