//! What can be typed after `tecrax lint`.

use std::path::PathBuf;

use clap::Args;

use super::super::format::Format;

/// `lint`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax lint .              the files that Git tracks here
  tecrax lint manifests/ -o wide
  tecrax lint notes.txt      one file, whatever its name

In a Git work tree the tracked files are read, elsewhere every file that is not hidden and not in a cache; in both only those that
end in .cfg, .ini, .json, .md, .py, .rst, .toml, .txt, .yaml or .yml. Prints PATH:LINE:LABEL, sorted, or secret_topology_ok. Labels
are private_ipv4, mac_address, key_material, secret_assignment and private_path. Addresses for documentation never count.

A line may stay with a comment on it, or on the line before it: `# tecrax-lint: allow LABEL reason`. The reason is not optional.
A file that holds no comments, such as JSON, has a list beside it: tecrax-lint.allow, with lines `FILE LABEL DIGEST reason`. The
digest is that of the line, from -o json. An entry for a line that is no longer there is a finding itself.

Ends with 0, with 1 when something was found, and with 74 when a file could not be looked at.")]
pub struct LintArgs {
    /// Directories, Git work trees or files
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}
