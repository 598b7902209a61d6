//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Commands of the Python stack, hidden from the list of commands: the page of help has a section of its own for them.
#[derive(Debug, Subcommand)]
pub enum StackCommand {
    /// Print the review of the Python stack's fixture
    #[command(
        hide = true,
        after_help = "\
Example:
  tecrax fixture-review --service web

Contacts nothing and reads nothing. Two names of services differ in their label only."
    )]
    FixtureReview(FixtureReviewArgs),
    /// Make an observation of a diagnosis
    #[command(
        hide = true,
        after_help = "\
Example:
  tecrax reaction-observation --input diagnosis.json --operation op-1 --target web-07

The input are facts of tecrax.monitoring_host_diagnosis. Ends with 1 when they break their contract."
    )]
    ReactionObservation(ObservationArgs),
    /// Decide about an observation by a reaction pack
    #[command(
        hide = true,
        after_help = "\
Example:
  tecrax reaction-plan --profile profiles/tecrax --env lab.yaml --observation observation.json --target web-07

--profile is a profile directory of the Python stack, or of ours; without it the built-in profile decides. The decision is kept
in a directory of its own, and the same observation gives the same one again. Nothing is run: `tecrax reconcile` runs what the
rules of Checks ask for."
    )]
    ReactionPlan(PlanArgs),
    /// Verify the chain of a decision
    #[command(hide = true, after_help = "Example:\n  tecrax reaction-replay --reaction reaction-2cf0c40734f403238dfcfc0b")]
    ReactionReplay(ReplayArgs),
    /// Say whether a proposal is fit to be shown to a person
    #[command(
        hide = true,
        after_help = "\
Example:
  tecrax reaction-proposal-validate --profile profiles/tecrax --proposal proposal.json

A proposal that is valid is still nobody's order: nothing may be executed by it."
    )]
    ReactionProposalValidate(ProposalArgs),
}

/// `fixture-review`
#[derive(Debug, Args)]
pub struct FixtureReviewArgs {
    /// Name of the service
    #[arg(long, value_name = "NAME", default_value = "demo-web", allow_hyphen_values = true)]
    pub service: String,
}

/// `reaction-observation`
#[derive(Debug, Args)]
pub struct ObservationArgs {
    /// File with the facts
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Id of the operation that made them
    #[arg(long, value_name = "ID")]
    pub operation: Option<String>,
    /// Id of the target
    #[arg(long, value_name = "ID")]
    pub target: Option<String>,
}

/// `reaction-plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Environment file
    #[arg(long, value_name = "FILE")]
    pub env: PathBuf,
    /// Observation file
    #[arg(long, value_name = "FILE")]
    pub observation: PathBuf,
    /// Id of the target that it is of
    #[arg(long, value_name = "ID")]
    pub target: String,
    /// Mode in which an intent would run: `dry_run`, observe or `emergency_readonly`
    #[arg(long, default_value = "dry_run")]
    pub mode: String,
    /// Reactions above this one
    #[arg(long, value_name = "N", default_value_t, allow_negative_numbers = true)]
    pub depth: u32,
    /// Reactions before this one
    #[arg(long, value_name = "N", default_value_t, allow_negative_numbers = true)]
    pub reaction_count: u32,
    /// Digest of a rule that fired before; may be given again
    #[arg(long, value_name = "DIGEST")]
    pub visited_rule_digest: Vec<String>,
    /// Where decisions are kept.
    #[command(flatten)]
    pub kept: Kept,
}

/// `reaction-replay`
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Id of the reaction
    #[arg(long, value_name = "ID")]
    pub reaction: String,
    /// Where decisions are kept.
    #[command(flatten)]
    pub kept: Kept,
}

/// `reaction-proposal-validate`
#[derive(Debug, Args)]
pub struct ProposalArgs {
    /// Proposal file
    #[arg(long, value_name = "FILE")]
    pub proposal: PathBuf,
}

/// Where decisions are kept.
#[derive(Debug, Args)]
pub struct Kept {
    /// Directory that holds one directory a decision [default: reactions in the state directory]
    #[arg(long, value_name = "DIR")]
    pub reactions_dir: Option<PathBuf>,
}
