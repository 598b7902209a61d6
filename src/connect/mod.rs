//! The only code that touches a target.
//!
//! A [`Session`] is opened from what a Target declares and answers one shape at a time; every way of failing is a [`Failure`]
//! with one error class and, where a person can do something, the next step. Nothing here decides what may be asked: readings
//! are taken through a function that only this crate can call, with shapes of admitted steps.
//!
//! * `local`: a child process without a shell, shut in by [`sandbox`].
//! * `ssh`: one verified and authenticated connection, readings as channels; the only place that knows the SSH library.
//! * `wrapper`: an operator-owned executable, run as `local` runs a program.
//! * `http`: fixed requests to one origin; the only place that knows the HTTP library.
//! * `dns`: one question to one server.
//! * `fixture`: recorded readings.

mod answer;
mod connector;
mod context;
mod dns;
mod fixture;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod http;
mod local;
mod open_files;
mod meter;
mod program;
mod reading;
mod running;
pub mod sandbox;
mod session;
pub mod ssh;
mod value;
mod wrapper;

#[cfg(test)]
#[path = "../../tests/connect/mod.rs"]
mod tests;

pub use connector::Connector;
pub use context::{Environment, OpenContext};
pub use fixture::{Recording, Recordings};
pub use http::{encoded_query, fixed_headers};
pub use meter::Meter;
pub use open_files::raise_open_files;
pub use reading::{Failure, Output};
pub use sandbox::Sandbox;
pub use session::Session;
