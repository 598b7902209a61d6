//! The packs that are tried: those of the profile, with those of `--pack` in their place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::input;
use crate::api::did_you_mean;
use crate::profile::Profile;
use crate::reaction::pack::{Pack, Vocabulary};

/// Largest pack, in bytes.
const MAX_BYTES: usize = 256 << 10;

/// Packs by intent.
pub type Tried = BTreeMap<String, Arc<Pack>>;

/// The packs of the profile, with those at `paths` in their place.
///
/// # Errors
/// [`Exit::Config`] for a pack that can not be used.
pub fn tried(context: &Context<'_>, paths: &[PathBuf]) -> Result<Tried, Failure> {
    let profile = context.profile()?;
    let packs = context.packs()?;
    let mut tried: Tried = packs.iter().map(|(intent, pack)| (intent.to_owned(), Arc::clone(pack))).collect();
    let vocabulary = Vocabulary::of(&profile);
    for path in paths {
        for file in files(path)? {
            let intent = intent_of(&file, &profile)?;
            let pack =
                Pack::compile(&input::text(&file, MAX_BYTES)?, &file.display().to_string(), &vocabulary).map_err(|problem| {
                    context.problems(&[*problem]);
                    Failure::new(Exit::Config, format!("the reaction pack {} can not be used", file.display()))
                })?;
            tried.insert(intent, Arc::new(pack));
        }
    }
    Ok(tried)
}

/// A file as itself, a folder as its YAML files in order.
#[expect(clippy::disallowed_methods, reason = "the user named the folder")]
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unreadable(path, &error))?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    if files.is_empty() {
        let message = format!("{} holds no reaction pack", path.display());
        return Err(Failure::new(Exit::Config, message).help("packs are called <intent>.yaml"));
    }
    Ok(files)
}

/// The intent that a pack is for: its file name says so.
fn intent_of(file: &Path, profile: &Profile) -> Result<String, Failure> {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if profile.intents.contains_key(&stem) {
        return Ok(stem);
    }
    let near = did_you_mean(&stem, profile.intents.keys().map(String::as_str));
    let help = near.map_or_else(
        || "call it <intent>.yaml; `tecrax get intents` lists the intents".to_owned(),
        |near| format!("did you mean `{near}.yaml`?"),
    );
    Err(Failure::new(Exit::Config, format!("{}: the file name is no intent of the profile", file.display())).help(help))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Config, format!("cannot read {}: {error}", path.display()))
}
