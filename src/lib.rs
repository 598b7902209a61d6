//! tecrax: declarative, strictly read-only checks of infrastructure.
//!
//! Data flows one way; each arrow is a type that only the stage before it can make:
//!
//! ```text
//! manifests ──source──▶ Snapshot ──desired──▶ Desired ──plan──▶ Plan<Proposed> ──admission──▶ Plan<Admitted>
//!    ──run──▶ Run ──facts──▶ Facts ──evidence──▶ Sealed ──reaction──▶ Reaction ──status──▶ Status ──▶ store
//! ```
//!
//! Pure stages (no I/O, no clock, no environment, no async): [`desired`], [`plan`], [`admission`], [`facts`], [`evidence`],
//! [`reaction`], [`status`]. Stages with effects: [`source`], [`run`] with [`connect`] and [`secrets`], [`store`], [`notify`]; [`http`] stands below
//! both that send requests. Only [`engine`] sees them all; nobody imports [`cli`]. `tests/project/architecture.rs` holds the order.

pub mod api;
pub mod source;
pub mod profile;
pub mod desired;
pub mod plan;
pub mod admission;
pub mod secrets;
pub mod http;
pub mod connect;
pub mod run;
pub mod facts;
pub mod evidence;
pub mod reaction;
pub mod status;
pub mod store;
pub mod notify;
pub mod engine;
pub mod cli;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
