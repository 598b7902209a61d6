//! Fixed requests to one origin.
//!
//! A request goes to the origin of the connection and nowhere else: redirects are not followed, proxies are not used, nothing is
//! sent twice, and what a connection is given (token, headers, client certificate) is bound to its own requests. Everything that
//! comes back is bounded while it is read.
//!
//! * `origin`: where requests go. * `turns`: how many at once. * `clients`: what all sessions share.
//! * `request`: what is sent, in which form. * `reply`: what came back, up to the reading. * `json`, `rpc`: its content.

mod clients;
#[cfg(any(test, feature = "fuzz"))]
pub(super) mod fuzz;
mod json;
mod origin;
mod reply;
mod request;
mod rpc;
mod session;
mod turns;

pub(super) use clients::Clients;
pub use request::{encoded_query, fixed_headers};
pub(super) use session::Session;
