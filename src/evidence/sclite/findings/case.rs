//! A bundle under inspection and what was found so far.

use super::super::layout::{LIFECYCLE, MANIFEST, REACTION, REACTION_MANIFEST};
use super::super::{Artifact, Documents};
use super::{BundleFinding, FindingCode};
use crate::evidence::json::Json;

/// Most findings of one bundle: beyond that a reader needs no more.
const FINDINGS_MAX: usize = 200;

/// A bundle under inspection.
pub(super) struct Case<'a> {
    pub(super) files: &'a Documents<'a>,
    reaction: bool,
    found: Vec<BundleFinding>,
}

impl<'a> Case<'a> {
    pub(super) fn of(files: &'a Documents<'_>) -> Self {
        let has = |file: &str| files.bundle().contains(file);
        Self { files, reaction: has(REACTION_MANIFEST) && !has(MANIFEST), found: Vec::new() }
    }

    /// Whether the bundle is a reaction chain.
    pub(super) const fn is_reaction(&self) -> bool {
        self.reaction
    }

    /// The file of the manifest.
    pub(super) const fn manifest_file(&self) -> &'static str {
        if self.reaction { REACTION_MANIFEST } else { MANIFEST }
    }

    /// The roles of the chain, each with its file.
    pub(super) const fn roles(&self) -> &'static [(&'static str, &'static str)] {
        if self.reaction { &REACTION } else { &LIFECYCLE }
    }

    /// The artifact of a file.
    pub(super) fn artifact(&self, file: &str) -> Option<&'a Artifact> {
        self.files.artifact(file).ok()
    }

    /// The file and the artifact of a role of the lifecycle.
    pub(super) fn role(&self, role: &str) -> Option<(&'static str, &'a Artifact)> {
        let (_, file) = self.roles().iter().find(|(known, _)| *known == role)?;
        Some((file, self.artifact(file)?))
    }

    /// The value at `path` in the artifact of a role.
    pub(super) fn at(&self, role: &str, path: &[&str]) -> Option<&'a Json> {
        self.role(role)?.1.value().at(path)
    }

    /// Adds a finding.
    pub(super) fn find(&mut self, code: FindingCode, file: &str, message: impl Into<String>) {
        if self.found.len() < FINDINGS_MAX {
            self.found.push(BundleFinding { code, file: file.to_owned(), message: message.into() });
        }
    }

    pub(super) fn into_findings(self) -> Vec<BundleFinding> {
        self.found
    }
}
