//! Sinks with nothing left to look up: where notices go, and references to what they carry.
//!
//! `read` checks a manifest and reports what is wrong with it; `model` is what is left.

mod model;
mod read;

pub use model::{AlertmanagerConfig, DesiredSink, SinkCredential, SinkKind, SinkTls, WebhookConfig};
pub(super) use read::read;
