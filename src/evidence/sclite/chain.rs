//! Integrity of a chain: every file is the one that the manifest describes, in its place.

use super::artifact::Artifact;
use super::coerce;
use super::documents::{Documents, inside};
use super::manifest::{Entry, step};
use super::refusal::{Refusal, RefusalClass};
use crate::evidence::json::Json;

/// What a chain is held against beyond its digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainRules {
    /// Whether artifacts must keep the schemas that they declare.
    pub schemas: bool,
    /// Most entries.
    pub max_entries: Option<usize>,
    /// Most bytes of a file.
    pub max_artifact_bytes: Option<usize>,
}

impl ChainRules {
    /// A lifecycle chain: schemas, no bounds.
    pub const LIFECYCLE: Self = Self { schemas: true, max_entries: None, max_artifact_bytes: None };
    /// A reaction chain: schemas, four entries, 1 MiB a file.
    pub const REACTION: Self = Self { schemas: true, max_entries: Some(4), max_artifact_bytes: Some(1 << 20) };
}

/// A chain whose digests hold.
#[derive(Debug)]
pub struct Chain<'a> {
    /// The roles in the order of the manifest.
    pub roles: Vec<String>,
    /// The artifacts, one for each role.
    pub artifacts: Vec<&'a Artifact>,
    /// The digest after the last entry; empty for an empty chain.
    pub root: String,
}

/// Checks the chain of `manifest` over the files of a bundle, entry by entry; the first thing that does not hold is told.
pub fn verify_chain<'a>(manifest: &Json, documents: &'a Documents<'_>, rules: &ChainRules) -> Result<Chain<'a>, Refusal> {
    let entries = manifest.get("entries").and_then(Json::as_array);
    let entries = entries.ok_or_else(|| Refusal::chain("manifest.entries is not an array"))?;
    if let Some(max) = rules.max_entries.filter(|max| entries.len() > *max) {
        return Err(Refusal::chain(format!("manifest entry count exceeds max_manifest_entries={max}")));
    }
    let mut chain = Chain { roles: Vec::new(), artifacts: Vec::new(), root: String::new() };
    for (index, entry) in entries.iter().enumerate() {
        let entry = Entry::of(entry).ok_or_else(|| Refusal::chain(format!("entry[{index}] is not an object")))?;
        let artifact = load(&entry, index, documents, rules)?;
        chain.root = link(&entry, index, artifact, &chain.root)?;
        chain.roles.push(entry.role.into_owned());
        chain.artifacts.push(artifact);
    }
    if coerce::text(manifest.get("root_chain_digest")) != chain.root {
        return Err(Refusal::chain("root_chain_digest mismatch"));
    }
    Ok(chain)
}

/// The artifact of an entry.
fn load<'a>(entry: &Entry<'_>, index: usize, documents: &'a Documents<'_>, rules: &ChainRules) -> Result<&'a Artifact, Refusal> {
    if entry.path.is_empty() {
        return Err(Refusal::chain(format!("entry[{index}] has empty path")));
    }
    if entry.path.contains('\0') {
        return Err(Refusal::uncaught("embedded null byte"));
    }
    let escapes = || Refusal::chain(format!("entry[{index}] path escapes root: {}", entry.path));
    let path = inside(&entry.path).ok_or_else(escapes)?;
    let bundle = documents.bundle();
    let too_large = |max: usize| bundle.get(&path).is_some_and(|bytes| bytes.len() > max);
    if let Some(max) = rules.max_artifact_bytes.filter(|max| too_large(*max)) {
        return Err(Refusal::chain(format!("{}: JSON file exceeds max_bytes={max}", bundle.named(&path))));
    }
    let artifact = documents.load(&path, RefusalClass::Chain)?;
    if rules.schemas {
        artifact.keeps_schema()?;
    }
    Ok(artifact)
}

/// The running digest after an entry that follows `previous`.
fn link(entry: &Entry<'_>, index: usize, artifact: &Artifact, previous: &str) -> Result<String, Refusal> {
    if !entry.value.get("descriptor").is_some_and(|descriptor| artifact.is_described_by(descriptor)) {
        return Err(Refusal::chain(format!("entry[{index}] descriptor mismatch for {}", entry.path)));
    }
    if coerce::text(entry.value.get("previous_chain_digest")) != previous {
        return Err(Refusal::chain(format!("entry[{index}] previous_chain_digest mismatch")));
    }
    let digest = step(previous, &entry.role, artifact);
    if coerce::text(entry.value.get("chain_digest")) != digest {
        return Err(Refusal::chain(format!("entry[{index}] chain_digest mismatch")));
    }
    Ok(digest)
}
