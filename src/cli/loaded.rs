//! Manifests for commands that contact nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::context::Context;
use super::exit::{Exit, Failure};
use crate::api::{PairId, Problem, Severity};
use crate::desired::{Desired, Held, build};
use crate::engine::{foreseen, source_id};
use crate::facts;
use crate::source::{self, Snapshot};

/// Manifests, read and resolved.
pub struct Loaded {
    pub(super) desired: Desired,
    pub(super) documents: usize,
    pub(super) files: usize,
    pub(super) foreign: usize,
    /// Objects with errors whose last good version is in force; empty where nobody asked.
    pub(super) held: BTreeSet<Held>,
    /// Pairs that errors may hide: they do not count as removed.
    pub(super) hidden: Vec<PairId>,
}

/// Reads and resolves the manifests at `paths`.
pub fn load(context: &Context<'_>, paths: &[PathBuf]) -> Result<Loaded, Failure> {
    let profile = context.profile()?;
    let snapshot = source::load(paths, None);
    let desired = build(&snapshot, &profile, &facts::check_path);
    Ok(Loaded::of(&snapshot, (desired, BTreeSet::new(), Vec::new())))
}

/// The same with the last good versions that the state directory has of these manifests, as a pass would go on with them.
pub fn load_held(context: &Context<'_>, paths: &[PathBuf]) -> Result<Loaded, Failure> {
    let profile = context.profile()?;
    let Some(db) = context.db()? else { return load(context, paths) };
    let snapshot = source::load(paths, None);
    let foreseen = foreseen(&profile, &snapshot, &db, &source_id(paths))?;
    Ok(Loaded::of(&snapshot, foreseen))
}

impl Loaded {
    fn of(snapshot: &Snapshot, (desired, held, hidden): (Desired, BTreeSet<Held>, Vec<PairId>)) -> Self {
        Self { desired, documents: snapshot.documents.len(), files: snapshot.files, foreign: snapshot.foreign, held, hidden }
    }
}

/// 65 when any problem is an error.
pub fn exit_of(problems: &[Problem]) -> Exit {
    if problems.iter().any(|problem| problem.severity == Severity::Error) { Exit::Manifest } else { Exit::Ok }
}

/// `1 error`, `2 errors`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
