//! What can be typed after `tecrax facts`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `facts`
#[derive(Debug, Args)]
pub struct FactsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: FactsCommand,
}

/// Subcommands of `facts`.
#[derive(Debug, Subcommand)]
pub enum FactsCommand {
    /// Turn recorded readings into facts
    Normalize(NormalizeArgs),
    /// Say how facts break their contract
    Validate(ValidateArgs),
}

/// `facts normalize`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  timedatectl show --property=NTPSynchronized --property=NTP |
    tecrax facts normalize check_ntp_health read_ntp_sync_state=-
  tecrax facts normalize normalize_basic_host_inventory read_os_release=os.txt read_filesystem_usage=df.txt --target web-07
  tecrax facts normalize check_ntp_health --readings readings.json

A readings file is one JSON object: step to {\"stdout\": …, \"stderr\": …} or {\"failed\": CLASS, \"message\": …}. A step that is not
given counts as not taken. Nothing is contacted and nothing is recorded.

Ends with 0, and 1 when the readings can not become facts.")]
pub struct NormalizeArgs {
    /// Name of a normalizer, or of the intent that uses it
    #[arg(value_name = "NORMALIZER")]
    pub normalizer: String,
    /// A step and the file with what it printed; `-` is standard input
    #[arg(value_name = "STEP=FILE")]
    pub steps: Vec<String>,
    /// Readings of several steps in one JSON file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub readings: Option<PathBuf>,
    /// Name of the target as the facts shall carry it
    #[arg(long, value_name = "NAME", default_value = "localhost")]
    pub target: String,
}

/// `facts validate`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax facts normalize check_ntp_health --readings readings.json | tecrax facts validate -
  tecrax facts validate facts.json

Prints one error a line and ends with 1; nothing, and 0, when the facts hold.")]
pub struct ValidateArgs {
    /// JSON file with one facts object; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}
