//! How the daemon itself is: its own pages (`/healthz`, `/readyz`, `/metrics`), and its word to systemd.
//!
//! Both are consumers of the engine's events. Nothing that is asked of the pages changes anything.

mod classic;
mod metrics;
mod pages;
mod supervisor;
mod vitals;

pub use metrics::Metrics;
pub use pages::{Pages, listen};
pub use supervisor::Supervisor;
pub use vitals::Vitals;
