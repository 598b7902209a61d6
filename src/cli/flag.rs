//! How values of flags are read.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::api;

/// A level of the log.
pub(super) fn level(text: &str) -> Result<LevelFilter, String> {
    text.parse().map_err(|_| "use off, error, warn, info, debug or trace".to_owned())
}

/// How often to look at the manifests without a file event.
pub(super) fn rescan(text: &str) -> Result<Duration, String> {
    let duration = api::Duration::parse(text).ok_or(api::Duration::RULE)?.to_std();
    if (1..=600).contains(&duration.as_secs()) { Ok(duration) } else { Err("use 1s to 10m".to_owned()) }
}
