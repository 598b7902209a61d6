//! What can be typed after `tecrax reaction`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::evidence::args::VerifyFormat;

/// `reaction`
#[derive(Debug, Args)]
pub struct ReactionArgs {
    /// What to do with reactions.
    #[command(subcommand)]
    pub command: ReactionCommand,
}

/// Subcommands of `reaction`.
#[derive(Debug, Subcommand)]
pub enum ReactionCommand {
    /// Decide again about everything that is recorded, by other rules, and show which decisions would differ
    Test(TestArgs),
}

/// `reaction test`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax reaction test                                       the rules in force
  tecrax reaction test --pack my/reactions/                  every <intent>.yaml of a folder
  tecrax reaction test --pack check_ntp_health.yaml ntp.web  one changed pack, one pair

A decision is made again from the evidence of its run, from what the pair remembered then, and from the Check's confirmations, waivers
and severity as they were then. Nothing is contacted and nothing is recorded. Intents without a pack among those of --pack are decided
by the profile's.

Ends with 0 when every decision is the same, 1 when some would differ.")]
pub struct TestArgs {
    /// A reaction pack <intent>.yaml, or a folder of them [default: those of the profile]
    #[arg(long = "pack", value_name = "FILE|DIR")]
    pub packs: Vec<PathBuf>,
    /// Only these pairs: CHECK.TARGET
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Namespace of the names
    #[arg(short, long, default_value = crate::api::DEFAULT_NAMESPACE)]
    pub namespace: String,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: VerifyFormat,
}
