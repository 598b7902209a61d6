//! Flags that make one pass a good neighbour in cron.

use std::path::PathBuf;

use clap::Args;

use super::serve::parse_path;
use crate::api::Duration;

/// What a pass in cron wants: an end, and a word to monitoring.
#[derive(Debug, Clone, Args)]
pub struct CronArgs {
    /// End this pass within DURATION: `50s`, `5m`. Pairs that it did not come to are unknown (DeadlineExceeded)
    #[arg(long, value_name = "DURATION", requires = "once", value_parser = parse_deadline)]
    pub deadline: Option<Duration>,
    /// Leave a file for the textfile collector of Prometheus' node exporter, which reads `.prom` files
    #[arg(long, value_name = "FILE", requires = "once", value_parser = parse_path)]
    pub metrics_file: Option<PathBuf>,
}

fn parse_deadline(text: &str) -> Result<Duration, String> {
    Duration::parse(text).filter(|deadline| deadline.as_millis() > 0).ok_or_else(|| Duration::RULE.to_owned())
}
