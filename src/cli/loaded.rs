//! Manifests for commands that contact nothing.

use std::path::PathBuf;

use super::context::Context;
use super::exit::{Exit, Failure};
use crate::api::{Problem, Severity};
use crate::desired::{Desired, build};
use crate::facts;
use crate::source;

/// Manifests, read and resolved.
pub struct Loaded {
    pub(super) desired: Desired,
    pub(super) documents: usize,
    pub(super) files: usize,
    pub(super) foreign: usize,
}

/// Reads and resolves the manifests at `paths`.
pub fn load(context: &Context<'_>, paths: &[PathBuf]) -> Result<Loaded, Failure> {
    let profile = context.profile()?;
    let snapshot = source::load(paths, None);
    let desired = build(&snapshot, &profile, &facts::check_path);
    Ok(Loaded { desired, documents: snapshot.documents.len(), files: snapshot.files, foreign: snapshot.foreign })
}

/// 65 when any problem is an error.
pub fn exit_of(problems: &[Problem]) -> Exit {
    if problems.iter().any(|problem| problem.severity == Severity::Error) { Exit::Manifest } else { Exit::Ok }
}

/// `1 error`, `2 errors`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
