//! Hosts of an OpenSSH client configuration. Rule: ssh_config(5) of OpenSSH 9.
//!
//! `line` reads a line, `sections` puts the lines of a file and of what it includes in order (`files` finds and reads those), `resolve`
//! finds what is in force for a name, `hosts` makes hosts of it, `survey` tells what is not carried.

mod files;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod hosts;
mod line;
mod pattern;
mod resolve;
mod sections;
mod survey;
mod value;

pub(super) use line::words;
pub(super) use value::{path, seconds};

use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Failure};
use super::super::input;
use super::document::File;
use super::fleet;
use super::item::Report;
use super::sets;

/// What the label of a Target from here says.
const ORIGIN: &str = "ssh-config";

/// Imports the configuration at `path`.
#[expect(clippy::disallowed_methods, reason = "`~` in a configuration is the home directory of whoever imports it")]
pub(super) fn import(path: &Path, report: &mut Report) -> Result<Vec<File>, Failure> {
    let text = input::text(path, files::MAX_FILE)?;
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let shown = path.display().to_string();
    read(&shown, text, path, home.as_deref(), report).map_err(|(place, why)| {
        Failure::new(Exit::Manifest, format!("{place}: {why}"))
            .help("nothing was written; `ssh -G -F FILE HOST` reads the same lines")
    })
}

fn read(
    shown: &str,
    text: String,
    path: &Path,
    home: Option<&Path>,
    report: &mut Report,
) -> Result<Vec<File>, sections::Refused> {
    let base = files::base(path, home);
    let mut include = |argument: &str| files::include(argument, base.as_deref(), home);
    documents(&(shown.to_owned(), text), &mut include, home, report)
}

/// The documents of a configuration, with what it includes.
fn documents(
    file: &sections::File,
    include: &mut sections::Include<'_>,
    home: Option<&Path>,
    report: &mut Report,
) -> Result<Vec<File>, sections::Refused> {
    let config = sections::read(file, include, report)?;
    survey::survey(&config, report);
    let drafts = hosts::drafts(&config, home.and_then(Path::to_str), report)?;
    let hosts = fleet::hosts(drafts, ORIGIN, report);
    let comments = vec![
        "Written by `tecrax import ssh-config`. Edit it, or import again with --force: nothing else writes here.".to_owned(),
        format!("A Check reaches all of them with `targetSelector: {{matchLabels: {{{}: {ORIGIN}}}}}`.", super::host::ORIGIN),
    ];
    Ok(vec![File { name: "ssh-config.yaml", comments, documents: sets::documents(&hosts) }])
}
