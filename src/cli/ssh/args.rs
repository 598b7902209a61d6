//! What can be typed after `tecrax ssh`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `ssh`
#[derive(Debug, Args)]
pub struct SshArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SshCommand,
}

/// Subcommands of `ssh`.
#[derive(Debug, Subcommand)]
pub enum SshCommand {
    /// Print a host's keys as known_hosts lines, to be compared and then committed; trusts nothing
    #[command(after_help = "\
Example:
  tecrax ssh known-hosts web-07.example.net >> known_hosts
Compare the fingerprints with what the host itself says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")]
    KnownHosts {
        /// Name or address
        host: String,
        /// TCP port
        #[arg(short, long, default_value_t = 22, value_parser = clap::value_parser!(u16).range(1..))]
        port: u16,
    },
    /// Print what lets a target enforce the closed list by itself: a line of authorized_keys and a script
    ForcedCommand(ForcedCommandArgs),
}

/// `ssh forced-command`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax ssh forced-command web-07 manifests/                          both, to read
  tecrax ssh forced-command web-07 manifests/ --script > gate          the script, for root on the target
  tecrax ssh forced-command web-07 manifests/ --line --key id.pub      the line, for ~/.ssh/authorized_keys of the login
  tecrax ssh forced-command web-07 manifests/ --every-intent --script  a script that a new Check does not change

The script compares what is asked, byte for byte, with the commands that `tecrax shapes PATH --target TARGET` lists for the SSH
connection, runs the same command when it is one of them, and refuses everything else with exit status 126. Nothing is contacted.")]
pub struct ForcedCommandArgs {
    /// The Target, or the item of a TargetSet
    pub target: String,
    /// Manifest files and directories
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Namespace of the target
    #[arg(short, long, default_value = crate::api::DEFAULT_NAMESPACE)]
    pub namespace: String,
    /// Public key of the login [default: the identity file of the connection with .pub behind it]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where the script will lie on the target [default: /usr/local/lib/tecrax/gate-NAMESPACE.TARGET]
    #[arg(long, value_name = "FILE")]
    pub path: Option<String>,
    /// Permit what any intent may ask of this connection, not only the Checks of these manifests
    #[arg(long)]
    pub every_intent: bool,
    /// Only the line of authorized_keys
    #[arg(long, conflicts_with = "script")]
    pub line: bool,
    /// Only the script
    #[arg(long)]
    pub script: bool,
}
