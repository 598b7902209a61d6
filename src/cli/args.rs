//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use super::ack::AckArgs;
use super::cron::CronArgs;
use super::default_policy::PolicyArgs;
use super::evidence::args::EvidenceArgs;
use super::explain::ExplainArgs;
use super::facts::FactsArgs;
use super::format::Format;
use super::import::ImportArgs;
use super::limits::LimitArgs;
use super::lint::LintArgs;
use super::operations::OperationsArgs;
use super::policy::PolicyCommandArgs;
use super::reaction::ReactionArgs;
use super::retain::RetainArgs;
use super::run::RunArgs;
use super::shapes::ShapesArgs;
use super::ssh::SshArgs;
use super::stack::StackCommand;
use super::targets::TargetsArgs;

/// tecrax keeps read-only checks of infrastructure continuously true to what Git says, and never changes a target.
#[derive(Debug, Parser)]
#[command(
    name = "tecrax",
    version,
    max_term_width = 110,
    after_help = "\
Examples:
  tecrax reconcile --once manifests/     check everything that is due, print what is not healthy
  tecrax reconcile manifests/            follow the directory and check on schedule
  tecrax plan manifests/                 what would run and why, contacting nothing
  tecrax get                             the latest status of every pair
  tecrax describe inventory.localhost    everything about one pair
  tecrax evidence verify                 whether anything recorded was changed since

Commands of the Python stack (docs/migration.md maps all of them):
  fixture-review              Print the review of the Python stack's fixture
  reaction-observation        Make an observation of a diagnosis
  reaction-plan               Decide about an observation by a reaction pack
  reaction-replay             Verify the chain of a decision
  reaction-proposal-validate  Say whether a proposal is fit to be shown to a person

Exit codes: 0 healthy, 1 failing, 2 unknown, 64 usage, 65 manifest, 74 I/O, 78 configuration (`tecrax explain exit-codes`)."
)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Where evidence and status live [default: $TECRAX_STATE_DIR, else $STATE_DIRECTORY, else $XDG_STATE_HOME/tecrax, else
    /// ~/.local/state/tecrax]
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Use this profile directory instead of the built-in one
    #[arg(long, global = true, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// Print nothing when the exit code is 0
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log to stderr: off, error, warn, info, debug, trace
    #[arg(long, global = true, value_name = "LEVEL", value_parser = super::flag::level)]
    pub log: Option<tracing::level_filters::LevelFilter>,
    /// How log lines look
    #[arg(long, global = true, value_enum, default_value_t, env = "TECRAX_LOG_FORMAT", hide_env_values = true)]
    pub log_format: super::logging::LogFormat,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check what is due and record it: once, or until stopped
    Reconcile(ReconcileArgs),
    /// Ask the daemon to run a check now
    Run(RunArgs),
    /// Say everything that is wrong with manifests
    Validate(ValidateArgs),
    /// Show what would run and why, contacting nothing
    Plan(PlanArgs),
    /// List observations, escalations, targets, checks, policies, sinks or intents
    Get(GetArgs),
    /// Show everything about one pair, escalation, target, check, policy, sink or intent
    Describe(DescribeArgs),
    /// Say that you know of an escalation
    Ack(AckArgs),
    /// Show the state of everything in a few lines
    Status(StatusArgs),
    /// List, verify, export and report what was recorded
    Evidence(EvidenceArgs),
    /// List everything that can ever be sent to a target
    Shapes(ShapesArgs),
    /// List what manifests or a catalog declare
    Targets(TargetsArgs),
    /// List what the profile can ask, and of which target
    Operations(OperationsArgs),
    /// Replay readings, check facts against their contract
    Facts(FactsArgs),
    /// Show, check or export the profile
    Profile(ProfileArgs),
    /// Look for secrets and private topology in text files
    Lint(LintArgs),
    /// Turn a catalog of the Python stack, an SSH configuration or an Ansible inventory into manifests
    Import(ImportArgs),
    /// Say what a policy decides about a table of requests
    Policy(PolicyCommandArgs),
    /// Try reaction rules on what is recorded
    Reaction(ReactionArgs),
    /// Help with SSH
    Ssh(SshArgs),
    /// Write the CustomResourceDefinitions
    Crds(WriteArgs),
    /// Write the JSON Schemas for editors
    Schema(WriteArgs),
    /// Explain why a pair is in its state and what happens next; exit codes; reasons
    Explain(ExplainArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Commands of the Python stack.
    #[command(flatten)]
    Stack(StackCommand),
    /// What is no command of ours: some have had one in the Python stack.
    #[command(external_subcommand)]
    Foreign(Vec<OsString>),
}

/// Names of all commands that are listed.
pub(super) fn command_names() -> Vec<String> {
    let command = Cli::command();
    command.get_subcommands().filter(|known| !known.is_hide_set()).map(|known| known.get_name().to_owned()).collect()
}

/// `reconcile`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax reconcile --once manifests/           run what is due, then exit (cron, CI)
  tecrax reconcile --once --force manifests/   run everything now
  tecrax reconcile manifests/                  follow the directory until SIGTERM

In cron, every minute, silent unless something is wrong, and at its end before the next one begins:
  * * * * *  tecrax -q reconcile --once --deadline 50s /etc/tecrax/manifests")]
pub struct ReconcileArgs {
    /// Manifest files and directories
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// One pass, then exit with the code of what stands
    #[arg(long)]
    pub once: bool,
    /// Run every pair now, due or not
    #[arg(long, requires = "once")]
    pub force: bool,
    /// What one pass in cron wants.
    #[command(flatten)]
    pub cron: CronArgs,
    /// Allow connections that answer from recorded readings
    #[arg(long)]
    pub allow_fixtures: bool,
    /// What decides over pairs that no Policy selects.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Let exported evidence show what it withholds otherwise, comma-separated
    #[arg(long, value_enum, value_delimiter = ',', env = "TECRAX_EVIDENCE_SHOW", hide_env_values = true, value_name = "CLASS")]
    pub evidence_show: Vec<ShowClass>,
    /// Judge runs and drop them
    #[cfg(feature = "bench")]
    #[arg(long, hide = true)]
    pub discard_evidence: bool,
    /// Sign checkpoints of the log with this Ed25519 key: PKCS#8 PEM, or a key in note form [default: a key that is made in the
    /// state directory]
    #[arg(long, env = "TECRAX_CHECKPOINT_KEY", value_name = "FILE", hide_env_values = true)]
    pub checkpoint_key: Option<PathBuf>,
    /// Write the latest checkpoint here too, at most once a minute
    #[arg(long, value_name = "FILE")]
    pub checkpoint_file: Option<PathBuf>,
    /// How long evidence is kept.
    #[command(flatten)]
    pub retain: RetainArgs,
    /// How much is done at the same time.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Show how the daemon itself is at /healthz, /readyz and /metrics of this address [without ADDRESS: 127.0.0.1:9797]
    #[arg(
        long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "127.0.0.1:9797",
        conflicts_with = "once", env = "TECRAX_LISTEN", hide_env_values = true
    )]
    pub listen: Option<std::net::SocketAddr>,
    /// How often the daemon looks at the manifests without any file event (1s to 10m) [default: 30s]
    #[arg(long, value_name = "DURATION", conflicts_with = "once", value_parser = super::flag::rescan)]
    pub rescan: Option<std::time::Duration>,
    /// Output format of --once
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}

/// What evidence artifacts withhold unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ShowClass {
    /// Absolute paths
    Paths,
    /// IPv4 and IPv6 addresses
    Addresses,
}

/// `validate`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tecrax validate manifests/ && git commit")]
pub struct ValidateArgs {
    /// Manifest files and directories
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What decides over pairs that no Policy selects.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}

/// `plan`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tecrax plan manifests/ -o wide")]
pub struct PlanArgs {
    /// Manifest files and directories
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What decides over pairs that no Policy selects.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}

/// What `get` lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Resource {
    /// The latest status of every pair
    #[value(aliases = ["observation", "obs", "o"])]
    Observations,
    /// Open matters for a person
    #[value(aliases = ["escalation", "esc", "e"])]
    Escalations,
    /// Hosts and network devices
    #[value(aliases = ["target", "tg", "t"])]
    Targets,
    /// Desires
    #[value(aliases = ["check", "chk", "c"])]
    Checks,
    /// Who may check what
    #[value(aliases = ["policy", "pol"])]
    Policies,
    /// Where people hear of escalations
    #[value(aliases = ["sink", "snk"])]
    Sinks,
    /// Questions that the profile can ask
    #[value(aliases = ["intent", "i"])]
    Intents,
}

/// How `get` sorts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SortBy {
    /// By namespace and name
    #[default]
    Name,
    /// Worst first
    Assessment,
    /// Latest change first
    Since,
    /// Latest run first
    LastRun,
}

/// `get`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax get                                  every pair
  tecrax get --problems --sort-by assessment  what is not healthy, worst first
  tecrax get targets -l site=fra
  tecrax get observations ntp.web-07 -o yaml
  tecrax get escalations --all                open matters for a person, and those that are over
  tecrax get -w                               follow changes")]
pub struct GetArgs {
    /// What to list
    #[arg(value_enum, default_value = "observations", ignore_case = true)]
    pub resource: Resource,
    /// Only these names
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Only pairs that are not healthy
    #[arg(long)]
    pub problems: bool,
    /// Resolved escalations, too
    #[arg(long)]
    pub all: bool,
    /// Order
    #[arg(long, value_enum, default_value_t)]
    pub sort_by: SortBy,
    /// Follow changes until interrupted
    #[arg(short, long)]
    pub watch: bool,
    /// Only objects whose labels match: `key=value`, `key!=value`, `key`, `!key`, `key in (a,b)`, comma-separated
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,
    /// Only this namespace
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}

/// `describe`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax describe inventory.localhost
  tecrax describe target/localhost
  tecrax describe escalation/web-07.1a2b3c4d
  tecrax describe intent/check_ntp_health")]
pub struct DescribeArgs {
    /// `CHECK.TARGET`, `escalation/NAME`, `target/NAME`, `check/NAME`, `policy/NAME`, `sink/NAME` or `intent/NAME`
    pub name: String,
    /// Namespace
    #[arg(short, long, default_value = crate::api::DEFAULT_NAMESPACE)]
    pub namespace: String,
}

/// `status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}

/// `profile`
#[derive(Debug, Args)]
pub struct ProfileArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: ProfileCommand,
}

/// Subcommands of `profile`.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Print the digest of the profile in force
    Digest,
    /// Check a profile rule by rule
    #[command(after_help = "\
Examples:
  tecrax profile lint                   the profile in force
  tecrax profile lint my-profile/

Prints active_profile_ok, or one line a broken rule, sorted, on stderr. A runbook is looked for in docs/runbooks/ beside the
directory or inside it, and not at all when there is no such folder.

Ends with 0, or 1 when a rule is broken.")]
    Lint {
        /// The directory of the profile [default: the one of --profile, else the built-in profile]
        #[arg(value_name = "DIR")]
        directory: Option<PathBuf>,
    },
    /// Write the built-in profile into a directory, as a start for --profile
    Export {
        /// The directory; made when absent, existing files are left alone
        directory: PathBuf,
    },
}

/// `crds` and `schema`
#[derive(Debug, Args)]
pub struct WriteArgs {
    /// Write one file each into this directory instead of printing
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
}

/// `completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
