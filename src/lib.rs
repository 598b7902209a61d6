//! tecrax: declarative, strictly read-only checks of infrastructure.
//!
//! Data flows one way; each arrow is a type that only the stage before it can make:
//!
//! ```text
//! manifests ──source──▶ Snapshot ──desired──▶ Desired ──plan──▶ Plan<Proposed> ──admission──▶ Plan<Admitted>
//!    ──run──▶ Run ──facts──▶ Facts ──evidence──▶ Sealed ──reaction──▶ Reaction ──status──▶ Status ──▶ store
//! ```
//!
//! Pure stages (no I/O, no clock, no environment): [`desired`], [`plan`], [`admission`], [`facts`], [`evidence`],
//! [`reaction`], [`status`]. Stages with effects: [`source`], [`run`] with [`connect`] and [`secrets`], [`store`],
//! [`notify`]. Only [`engine`] sees them all; nobody imports [`cli`].

pub mod admission;
pub mod api;
pub mod cli;
pub mod connect;
pub mod desired;
pub mod engine;
pub mod evidence;
pub mod facts;
pub mod notify;
pub mod plan;
pub mod profile;
pub mod reaction;
pub mod run;
pub mod secrets;
pub mod source;
pub mod status;
pub mod store;
