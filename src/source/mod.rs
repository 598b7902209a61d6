//! Manifests in: files and directories become one [`Snapshot`].
//!
//! The only stage that reads manifests. It never fails as a whole: what can not be read becomes a [`Problem`](crate::api::Problem)
//! and everything else still loads.

mod snapshot;

pub use snapshot::{Document, Origin, Revision, Snapshot};
