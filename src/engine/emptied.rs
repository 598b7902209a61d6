//! A PATH that held objects and from which nothing comes any more: nobody meant that, as far as anybody can tell.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use super::past::Past;
use super::retained::file_of;
use super::text::{DOCUMENT, absolute};
use crate::api::{Problem, Severity, reason};
use crate::desired::Desired;
use crate::source::{Kept, Snapshot};
use crate::store::DesiredRow;

/// Kinds of rows that say where an object stood.
const KINDS: [&str; 5] = [DOCUMENT, "Target", "Check", "Sink", "Policy"];

/// The snapshot, in which it is an error at each such PATH: so what was below stays at its last good version. `desired` is what
/// `snapshot` comes to: what stands elsewhere by now is missed nowhere.
pub(super) fn doubted<'s>(snapshot: &'s Snapshot, desired: &Desired, past: &Past) -> Cow<'s, Snapshot> {
    if snapshot.bare.is_empty() {
        return Cow::Borrowed(snapshot);
    }
    let there = There::of(snapshot, desired);
    let rows = KINDS.into_iter().flat_map(|kind| past.of(kind));
    doubt(snapshot, &rows.filter(|row| !there.has(row)).filter_map(file).collect())
}

/// Objects that stand somewhere, by kind, namespace and name.
struct There<'a>(HashSet<(&'static str, &'a str, &'a str)>);

impl<'a> There<'a> {
    fn of(snapshot: &'a Snapshot, desired: &'a Desired) -> Self {
        let documents = snapshot.documents.iter().map(|document| {
            let (kind, namespace, name) = document.identity();
            (kind, namespace.as_str(), name)
        });
        // Items of TargetSets are no documents.
        let targets = desired.targets.keys().map(|(namespace, name)| ("Target", namespace.as_str(), name.as_str()));
        Self(documents.chain(targets).collect())
    }

    fn has(&self, row: &DesiredRow) -> bool {
        let (kind, name) =
            if row.kind == DOCUMENT { row.name.split_once('/').unwrap_or_default() } else { (row.kind, row.name.as_str()) };
        self.0.contains(&(kind, row.namespace.as_str(), name))
    }
}

/// What every row of an object has.
#[derive(Deserialize)]
struct Placed {
    place: String,
}

/// The file of what a row is about, by its absolute name.
fn file(row: &DesiredRow) -> Option<String> {
    if row.kind == DOCUMENT {
        return Some(serde_json::from_str::<Kept>(&row.value).ok()?.file);
    }
    let Placed { place } = serde_json::from_str(&row.value).ok()?;
    Some(absolute(file_of(&place)))
}

/// Makes errors of what is told about PATHs below which any of `files` stood.
fn doubt<'s>(snapshot: &'s Snapshot, files: &HashSet<String>) -> Cow<'s, Snapshot> {
    let held = snapshot.bare.iter().filter(|place| {
        let path = absolute(&place.file);
        files.iter().any(|file| Path::new(file).starts_with(&path))
    });
    let mut doubted = Cow::Borrowed(snapshot);
    for place in held {
        let problems = &mut doubted.to_mut().problems;
        let told = |problem: &Problem| {
            problem.place.as_ref() == Some(place) && [reason::EMPTY_PATH, reason::UNREADABLE].contains(&problem.reason)
        };
        let is_gone = problems.iter().any(|problem| told(problem) && problem.severity == Severity::Error);
        problems.retain(|problem| !told(problem));
        let what = if is_gone { "it is not there any more" } else { "there is nothing in it any more" };
        let problem = Problem::error(
            reason::EMPTY_PATH,
            format!("{what}, and manifests were wanted from it: their last good versions stay in force"),
        );
        problems.push(problem.help(HELP).at(place.clone()));
    }
    doubted
}

/// What to do, and how to say that nothing is wanted.
const HELP: &str = "bring it back, or mount what belongs here; if nothing of it is wanted any more, say so by a manifest file that holds \
                    nothing but a comment, such as none.yaml with `# nothing is wanted from here`";
