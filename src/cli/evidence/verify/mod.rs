//! `tecrax evidence verify`: whether anything was changed, dropped or reordered.

mod bundle;
mod export;
mod header;
mod listing;
mod outcome;
mod reaction;
mod record;
mod run;
mod state;
mod subjects;
pub mod trust;
mod workers;

#[cfg(any(test, feature = "fuzz"))]
pub use header::read as read_header;

use std::path::Path;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::format::{self, Format};
use super::args::{VerifyArgs, VerifyFormat};
use super::{files, layout};
use crate::evidence::log::{SignedCheckpoint, VerifierKey};
use crate::evidence::sclite::guard::GuardKey;
use outcome::Outcome;

/// Name of the database inside a state directory.
const DATABASE: &str = "tecrax.db";

/// What an auditor brings along.
#[derive(Debug)]
pub struct Given {
    checkpoints: Vec<SignedCheckpoint>,
    key: Option<VerifierKey>,
    guard_key: Option<GuardKey>,
    quick: bool,
}

/// What a directory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    State,
    Export,
    Bundle,
}

/// Runs `evidence verify`.
pub fn run(context: &Context<'_>, args: &VerifyArgs) -> Result<Exit, Failure> {
    let given = Given {
        checkpoints: trust::checkpoints(&args.checkpoints)?,
        key: args.key.as_deref().map(trust::key).transpose()?,
        guard_key: args.guard_key_file.as_deref().map(trust::guard_key).transpose()?,
        quick: args.quick,
    };
    let outcome = match &args.directory {
        None => state::verify(context, &context.state_dir()?, &given)?,
        Some(directory) => match kind(directory)? {
            Kind::State => state::verify(context, directory, &given)?,
            Kind::Export => export::verify(context, directory, &given)?,
            Kind::Bundle => {
                if !given.checkpoints.is_empty() || given.key.is_some() {
                    return Err(Failure::new(Exit::Config, "a bundle alone is in no log that a checkpoint could be about")
                        .help("verify the export that holds it"));
                }
                bundle::verify(directory, given.guard_key.as_ref())?
            }
        },
    };
    print(context, args.output, &outcome)?;
    Ok(outcome.exit())
}

fn print(context: &Context<'_>, form: VerifyFormat, outcome: &Outcome) -> Result<(), Failure> {
    let text = match form {
        VerifyFormat::Text => outcome.text(),
        VerifyFormat::Json => format::text(Format::Json, &outcome.to_json())?,
    };
    context.screen.data(&text);
    Ok(())
}

/// Tells what `directory` holds by the names in it.
fn kind(directory: &Path) -> Result<Kind, Failure> {
    let failed = |error| Failure::new(Exit::Io, format!("cannot read {}: {error}", directory.display()));
    files::directory(directory).map_err(failed)?;
    let names = files::names(directory).map_err(failed)?;
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let of_export = [layout::CHECKPOINT, layout::KEY, layout::SUMS, layout::RECORDS, layout::BUNDLES];
    if has(DATABASE) {
        Ok(Kind::State)
    } else if of_export.into_iter().any(has) {
        Ok(Kind::Export)
    } else if names.iter().any(|name| bundle::is_part(name)) {
        Ok(Kind::Bundle)
    } else {
        Err(Failure::new(Exit::Io, format!("{} holds no state, no export and no bundle", directory.display()))
            .help("name a state directory, what `tecrax evidence export` wrote, or one directory below its bundles/"))
    }
}
