//! `tecrax profile`: the vocabulary in force.

use super::args::{ProfileArgs, ProfileCommand};
use super::context::Context;
use super::crds::put;
use super::exit::{Exit, Failure};
use super::loaded::count;
use super::profile_lint;
use crate::profile::embedded_files;

/// Runs `profile`.
#[expect(clippy::disallowed_methods, reason = "never overwrites a file of the user")]
pub fn run(context: &Context<'_>, args: &ProfileArgs) -> Result<Exit, Failure> {
    match &args.command {
        ProfileCommand::Digest => {
            context.screen.data(&context.profile()?.digest.to_string());
        }
        ProfileCommand::Lint { directory } => return Ok(profile_lint::run(context, directory.as_deref())),
        ProfileCommand::Export { directory } => {
            let files: Vec<_> = embedded_files().collect();
            if let Some((name, _)) = files.iter().find(|(name, _)| directory.join(name).exists()) {
                let there = directory.join(name);
                return Err(
                    Failure::new(Exit::Io, format!("{} is already there", there.display())).help("name an empty directory")
                );
            }
            for (name, bytes) in &files {
                put(directory, name, bytes)?;
            }
            context.screen.word(&format!(
                "wrote {} to {}; use them with --profile {}",
                count(files.len(), "file"),
                directory.display(),
                directory.display()
            ));
        }
    }
    Ok(Exit::Ok)
}
