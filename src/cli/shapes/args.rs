//! What can be typed after `tecrax shapes`.

use std::path::PathBuf;

use clap::Args;

use super::super::format::Format;

/// `shapes`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tecrax shapes                                the closed list of the profile
  tecrax shapes manifests/                     what can be sent to each target of these manifests
  tecrax shapes manifests/ --target web-07     to one target, as exact bytes
  tecrax shapes manifests/ -l site=fra -o json

With manifests every row is one request that some Check may send, or a pack may have asked again:
the remote command as its bytes, the wrapper with its arguments, method, URL and headers with the
forms of the body (Host and Content-Length follow from those), the DNS question. Secrets show as
references, never as values. Nothing is contacted.")]
pub struct ShapesArgs {
    /// Manifest files and directories
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only these targets; may be given several times
    #[arg(short, long, value_name = "NAME", requires = "paths")]
    pub target: Vec<String>,
    /// Only targets whose labels match: `key=value`, `key!=value`, `key`, `!key`, `key in (a,b)`, comma-separated
    #[arg(short = 'l', long, value_name = "SELECTOR", requires = "paths")]
    pub selector: Option<String>,
    /// Only this namespace
    #[arg(short, long, value_name = "NAMESPACE", requires = "paths")]
    pub namespace: Option<String>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}
