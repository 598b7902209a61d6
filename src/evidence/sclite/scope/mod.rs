//! Scope fidelity: whether the artifacts of a bundle, or the parts of a request, name one and the same host.
//!
//! A static comparison of names; nothing is resolved and nobody is asked.

mod host;
mod lifecycle;
mod request;
mod url;

pub use host::extract_host;
pub use lifecycle::lifecycle_report;
pub use request::{Request, RequestScope, request_report, request_scope};

use crate::evidence::json::Json;

/// What every report says of itself.
fn public_safety() -> Json {
    Json::from([
        ("live_target_execution", false),
        ("protocol_adapter_work", false),
        ("public_push", false),
        ("static_analysis_only", true),
    ])
}
