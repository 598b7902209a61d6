//! Arguments of `tecrax import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `import`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  tecrax import --catalog catalog.yaml -o manifests/              with the environments that the catalog names
  tecrax import --environment env.yaml -o manifests/              an environment without a catalog
  tecrax import --catalog catalog.yaml --policy-pack pack.yaml -o manifests/
  tecrax import ssh-config ~/.ssh/config -o manifests/
  tecrax import ansible inventory.ini -o manifests/
  tecrax import ansible inventory.ini                             print the manifests instead

Reads files only and contacts nothing. Secrets stay references; what could not be carried is told on stderr, item by item, and the exit
code is 0 all the same. 65 means that the input can not be used. Existing files are left alone unless --force is given."
)]
pub struct ImportArgs {
    /// What to import instead of a catalog.
    #[command(subcommand)]
    pub command: Option<ImportCommand>,
    /// A target catalog of the Python stack, with the environments that it names
    #[arg(long, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// An environment of the Python stack; may be given more than once
    #[arg(long, value_name = "FILE")]
    pub environment: Vec<PathBuf>,
    /// A policy pack of the Python stack: in an environment, or in a file of its own
    #[arg(long, value_name = "FILE")]
    pub policy_pack: Option<PathBuf>,
    /// Where to write.
    #[command(flatten)]
    pub to: To,
}

/// Where an import writes.
#[derive(Debug, Args)]
pub struct To {
    /// Write the manifests into this directory instead of printing them
    #[arg(short = 'o', long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Overwrite files that are already there
    #[arg(long)]
    pub force: bool,
    /// Write what could not be carried, and which secrets are needed, as JSON into this file
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Subcommands of `import`.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Import the hosts of an OpenSSH client configuration
    #[command(after_help = "\
Examples:
  tecrax import ssh-config ~/.ssh/config
  tecrax import ssh-config ~/.ssh/config -o manifests/

Every name on a Host line that is no pattern becomes a Target, with the settings that `ssh -G NAME` shows. Blocks of Match
other than `Match all` are left out with a note.")]
    SshConfig {
        /// The configuration file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where to write.
        #[command(flatten)]
        to: To,
    },
    /// Import the hosts of an Ansible inventory, INI or YAML
    #[command(after_help = "\
Examples:
  tecrax import ansible inventory.ini
  tecrax import ansible hosts.yaml -o manifests/
  ansible-inventory -i inventory/ --list --yaml > all.yaml && tecrax import ansible all.yaml

Groups become labels (`group/web: member`). No program is run, no vault is opened, and passwords are not read.")]
    Ansible {
        /// The inventory file
        #[arg(value_name = "INVENTORY")]
        file: PathBuf,
        /// Where to write.
        #[command(flatten)]
        to: To,
    },
}
