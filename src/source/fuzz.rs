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
    let (documents, duplicates, second) = unique(parsed.documents);
    let lost_policies = parsed.lost_policies.into_iter().chain(second).collect();
    let mut problems = parsed.problems;
    problems.extend(duplicates);
    Snapshot {
        digest: Digest::of(text.as_bytes()),
        revision: None,
        documents,
        lost_policies,
        problems,
        files: 1,
        foreign: parsed.foreign,
        bare: Vec::new(),
    }
}

/// The regular files that the Git index `bytes` names; `None` when it is none that is known here. Ids are of SHA-1, or of SHA-256.
pub fn git_index(bytes: &[u8], sha256: bool) -> Option<std::collections::BTreeSet<std::path::PathBuf>> {
    super::tracked::entries(bytes, if sha256 { 32 } else { 20 })
}
