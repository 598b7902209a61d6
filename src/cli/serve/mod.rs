//! How the daemon itself is: its own pages (`/healthz`, `/readyz`, `/metrics`), and its word to systemd. Both are consumers of the
//! engine's events. Nothing that is asked of the pages changes anything.
//!
//! A single pass has no pages; it leaves a file with what of `/metrics` means something after a pass.

mod classic;
mod metrics;
mod pages;
mod standing;
mod supervisor;
mod textfile;
mod vitals;

pub use metrics::Metrics;
pub use pages::{Pages, listen};
pub use supervisor::Supervisor;
pub use textfile::{Pass, parse_path, write};
pub use vitals::Vitals;
