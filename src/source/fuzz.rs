//! Manifests from memory, for fuzzers: what [`load`](super::load) does after reading.

use std::path::Path;

use super::Snapshot;
use super::load::{job, unique};
use super::parse::parse;
use crate::api::Digest;

/// The snapshot of one file named `name` with the content `text`.
pub fn snapshot(name: &str, text: &str) -> Snapshot {
    let jobs = [job(Path::new(name), name.into(), text.to_owned())];
    let parsed = parse(&jobs).into_iter().next().unwrap_or_default();
    let (documents, duplicates) = unique(parsed.documents);
    let mut problems = parsed.problems;
    problems.extend(duplicates);
    Snapshot { digest: Digest::of(text.as_bytes()), revision: None, documents, problems, files: 1, foreign: parsed.foreign }
}
