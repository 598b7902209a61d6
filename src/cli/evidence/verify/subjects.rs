//! Which records and bundles an export holds, by its directories.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::super::super::exit::{Exit, Failure};
use super::super::files::{self, Entry};
use super::outcome::Outcome;
use crate::evidence::Subject;

/// Sequence numbers by subject, ascending.
pub type Held = BTreeMap<Subject, Vec<u64>>;

/// Lists `root/top`; directories that name no record are wrong.
///
/// # Errors
/// [`Exit::Io`] when a directory can not be listed.
pub fn list(root: &Path, top: &str, outcome: &mut Outcome) -> Result<Held, Failure> {
    let mut held = Held::new();
    match files::entry(&root.join(top)) {
        Ok(Entry::Directory) => {}
        Ok(_) => return Ok(held),
        Err(error) => return Err(failed(root, top, &error)),
    }
    for namespace in directories(root, top)? {
        for name in directories(root, &format!("{top}/{namespace}"))? {
            let path = format!("{top}/{namespace}/{name}");
            // The log's own records have no namespace: the second part is their number.
            if namespace == Subject::Log.to_string()
                && let Some(seq) = number(&name)
            {
                held.entry(Subject::Log).or_default().push(seq);
                continue;
            }
            // A namespace holds no dot, and the name of a pair one at least.
            if format!("{namespace}/") == Subject::ESCALATION && !name.contains('.') {
                for below in directories(root, &path)? {
                    let path = format!("{path}/{below}");
                    match Subject::parse(&format!("{namespace}/{name}/{below}")) {
                        Some(subject) => held.entry(subject).or_default().extend(numbers(root, &path, outcome)?),
                        None => outcome.wrong(path, "its name is not that of an Escalation"),
                    }
                }
                continue;
            }
            let Some(subject @ Subject::Pair(_)) = Subject::parse(&format!("{namespace}/{name}")) else {
                outcome.wrong(path, "its name is not CHECK.TARGET");
                continue;
            };
            held.entry(subject).or_default().extend(numbers(root, &path, outcome)?);
        }
    }
    for numbers in held.values_mut() {
        numbers.sort_unstable();
    }
    Ok(held)
}

/// Sequence numbers of the records in the directory of a subject.
fn numbers(root: &Path, path: &str, outcome: &mut Outcome) -> Result<Vec<u64>, Failure> {
    let mut numbers = Vec::new();
    for seq in directories(root, path)? {
        match number(&seq) {
            Some(seq) => numbers.push(seq),
            None => outcome.wrong(format!("{path}/{seq}"), "its name is no sequence number"),
        }
    }
    Ok(numbers)
}

/// Names of directories at `path`; other entries are the matter of the list of digests.
fn directories(root: &Path, path: &str) -> Result<Vec<String>, Failure> {
    let names = files::names(&root.join(path)).map_err(|error| failed(root, path, &error))?;
    let mut directories = Vec::with_capacity(names.len());
    for name in names {
        let below = format!("{path}/{name}");
        match files::entry(&root.join(&below)) {
            Ok(Entry::Directory) => directories.push(name),
            Ok(_) => {}
            Err(error) => return Err(failed(root, &below, &error)),
        }
    }
    Ok(directories)
}

/// A sequence number without leading zeroes.
fn number(name: &str) -> Option<u64> {
    name.parse().ok().filter(|number: &u64| *number > 0 && number.to_string() == name)
}

fn failed(root: &Path, path: &str, error: &io::Error) -> Failure {
    Failure::new(Exit::Io, format!("cannot read {}: {error}", root.join(path).display()))
}
