//! What can be typed after `tecrax evidence`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::format::Format;
use super::super::retain::{Age, Bytes, parse_age, parse_bytes};

/// Fewest and most records that `list` prints.
const LIMITS: std::ops::RangeInclusive<u64> = 1..=1_000_000;

/// `evidence`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax evidence list inventory.web-07          what was recorded of a pair, newest first
  tecrax evidence show inventory.web-07          its latest run
  tecrax evidence verify                         whether the log is whole
  tecrax evidence report --from 7d               one page about the last seven days
  tecrax evidence export audit/ --from 2026-03-01 --to 2026-03-31

REF names one record: CHECK.TARGET (its latest run), CHECK.TARGET@SEQ, NAMESPACE/CHECK.TARGET@SEQ, or the index in the log.
T names an instant: 2026-03-01T12:00:00Z, a date (UTC; as an end, that day included), or a span back from now such as 7d or 12h.")]
pub struct EvidenceArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: EvidenceCommand,
}

/// Subcommands of `evidence`.
#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// List records, newest first
    List(ListRecordsArgs),
    /// Show one record: header, body, parts
    Show(ShowArgs),
    /// Check that nothing was changed, dropped or reordered
    Verify(VerifyArgs),
    /// Write records with their proofs into a directory that verifies without tecrax
    Export(ExportArgs),
    /// Print the proof that a record is in the log
    Prove(ProveArgs),
    /// Write one page about a period
    Report(ReportArgs),
    /// Drop old records; the log stays provable
    Prune(PruneArgs),
    /// Rebuild the status from the log and compare
    Replay(ReplayArgs),
}

/// Which pairs, and when.
#[derive(Debug, Clone, Args)]
pub struct Scope {
    /// Only this namespace
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// Only pairs whose Target, as the manifests have it now, has labels that match
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,
}

/// `evidence list`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax evidence list
  tecrax evidence list inventory.web-07 --kind run --since 7d
  tecrax evidence list -l site=fra --limit 200 -o wide
  tecrax evidence list -o name                 one REF a line, for scripts")]
pub struct ListRecordsArgs {
    /// Only records of this pair; `log` for those about the log itself
    #[arg(value_name = "CHECK.TARGET")]
    pub pair: Option<String>,
    /// Which pairs.
    #[command(flatten)]
    pub scope: Scope,
    /// Only this kind: run, reaction, denial, suspension, tombstone, retention
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only records sealed at or after T
    #[arg(long, value_name = "T")]
    pub since: Option<String>,
    /// Only records sealed before T
    #[arg(long, value_name = "T")]
    pub until: Option<String>,
    /// At most this many records
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(LIMITS))]
    pub limit: u64,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}

/// How `show` prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ShowFormat {
    /// For people
    #[default]
    Text,
    /// YAML
    Yaml,
    /// JSON
    Json,
}

/// `evidence show`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax evidence show inventory.web-07
  tecrax evidence show inventory.web-07@12 -o yaml
  tecrax evidence show 4711 --part execution_receipt | sha256sum

--part prints canonical JSON without a line break at the end: its SHA-256 is the digest that the body binds.")]
pub struct ShowArgs {
    /// The record: CHECK.TARGET (its latest run), CHECK.TARGET@SEQ, or the index in the log
    #[arg(value_name = "REF")]
    pub reference: String,
    /// Namespace of a REF without one
    #[arg(short, long, value_name = "NAMESPACE", default_value = crate::api::DEFAULT_NAMESPACE)]
    pub namespace: String,
    /// Print this part alone, as the bytes that are hashed; `header` and `body` are parts here
    #[arg(long, value_name = "NAME", conflicts_with = "output")]
    pub part: Option<String>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: ShowFormat,
}

/// How `verify` prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum VerifyFormat {
    /// For people
    #[default]
    Text,
    /// JSON
    Json,
}

/// `evidence verify`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax evidence verify                                       the state directory
  tecrax evidence verify --checkpoint /mnt/elsewhere/checkpoint
  tecrax evidence verify --checkpoint - < mail-of-cron.txt     every token in the mail
  tecrax evidence verify audit/ --key audit/checkpoint.vkey    an export
  tecrax evidence verify audit/bundles/default/inventory.web-07/12

Exit codes: 0 nothing is wrong, 1 something is, 74 it can not be read, 78 a checkpoint or key can not be used.")]
pub struct VerifyArgs {
    /// An export, one bundle, or a state directory [default: the state directory]
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere: a signed note, or any text with tokens of summary lines; `-` is stdin
    #[arg(long = "checkpoint", value_name = "FILE")]
    pub checkpoints: Vec<PathBuf>,
    /// The key that must have signed: the key itself or a file that holds it
    #[arg(long, value_name = "VKEY|FILE")]
    pub key: Option<String>,
    /// Tree, sequences and digests only, without looking into bundles
    #[arg(long)]
    pub quick: bool,
    /// File with the key of kernel guards
    #[arg(long, value_name = "FILE")]
    pub guard_key_file: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: VerifyFormat,
}

/// `evidence export`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax evidence export audit/
  tecrax evidence export audit/ inventory.web-07 --from 2026-03-01 --to 2026-03-31
  tecrax evidence export audit/ -l site=fra --from 30d --with-detail
  tecrax evidence verify audit/")]
pub struct ExportArgs {
    /// The directory; made, or empty
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Only these pairs
    #[arg(value_name = "CHECK.TARGET")]
    pub pairs: Vec<String>,
    /// Which pairs.
    #[command(flatten)]
    pub scope: Scope,
    /// Only records sealed at or after T
    #[arg(long, value_name = "T")]
    pub from: Option<String>,
    /// Only records sealed before T
    #[arg(long, value_name = "T")]
    pub to: Option<String>,
    /// With facts and readings in plain words, which stay private otherwise
    #[arg(long)]
    pub with_detail: bool,
    /// File with a key of at least 32 bytes: adds a kernel guard to each bundle
    #[arg(long, value_name = "FILE")]
    pub guard_key_file: Option<PathBuf>,
}

/// `evidence prove`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax evidence prove inventory.web-07 > proof.tlog-proof
  tecrax evidence prove inventory.web-07@12 --header header.json > proof.tlog-proof")]
pub struct ProveArgs {
    /// The record: CHECK.TARGET (its latest run), CHECK.TARGET@SEQ, or the index in the log
    #[arg(value_name = "REF")]
    pub reference: String,
    /// Namespace of a REF without one
    #[arg(short, long, value_name = "NAMESPACE", default_value = crate::api::DEFAULT_NAMESPACE)]
    pub namespace: String,
    /// Prove against this checkpoint instead of the newest
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// Also write the header whose hash is proven
    #[arg(long, value_name = "FILE")]
    pub header: Option<PathBuf>,
}

/// `evidence report`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax evidence report --from 7d
  tecrax evidence report --from 2026-03-01 --to 2026-03-31 -l site=fra -o march.md

The same log and period give the same bytes.")]
pub struct ReportArgs {
    /// Start of the period
    #[arg(long, value_name = "T")]
    pub from: String,
    /// End of the period [default: now]
    #[arg(long, value_name = "T")]
    pub to: Option<String>,
    /// Which pairs.
    #[command(flatten)]
    pub scope: Scope,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `evidence prune`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax evidence prune --dry-run                          what the default retention would drop
  tecrax evidence prune --older-than 90d --max-bytes 8GiB
  tecrax evidence prune --older-than 1w --max-bytes forever

Records are dropped in whole blocks of 256, oldest first. What they come to is sealed in their place, so that the log stays provable
and the status stays what it is. `tecrax reconcile` does the same by itself (--retain, --retain-bytes).")]
pub struct PruneArgs {
    /// Drop records that are older: `30d`, `12h`, `forever`
    #[arg(long, env = "TECRAX_RETAIN", value_name = "AGE", default_value = "30d", value_parser = parse_age)]
    pub older_than: Age,
    /// Drop the oldest records while the database is larger: `2GiB`, `500MB`, `forever`
    #[arg(long, env = "TECRAX_RETAIN_BYTES", value_name = "SIZE", default_value = "2GiB", value_parser = parse_bytes)]
    pub max_bytes: Bytes,
    /// Say what would be dropped and drop nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Sign the checkpoint over the seal with this Ed25519 key, as `tecrax reconcile` does
    #[arg(long, env = "TECRAX_CHECKPOINT_KEY", value_name = "FILE", hide_env_values = true)]
    pub checkpoint_key: Option<PathBuf>,
}

/// `evidence replay`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  tecrax evidence replay

Exit codes: 0 the status is what the log says, 1 it is not.")]
pub struct ReplayArgs {
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: VerifyFormat,
}
