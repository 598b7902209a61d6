//! A compiled pack.

use super::questions::Questions;
use super::rule::Rule;
use crate::api::Digest;

/// How far a chain of reactions may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Longest chain, 1 to 32.
    pub max_depth: u32,
    /// Most reactions in all, 1 to 1024.
    pub max_reactions: u32,
}

/// Rules that were compiled together. Immutable: its digests are those of its content.
#[derive(Debug, Clone)]
pub struct Pack {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) budgets: Budgets,
    pub(super) rules: Vec<Rule>,
    pub(super) fallback: Rule,
    pub(super) digest: Digest,
    pub(super) profile_digest: Digest,
    /// What `rules` ask, each question once.
    pub(super) questions: Questions,
}

impl Pack {
    /// Id, 1 to 128 characters.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Version, 1 to 64 characters.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How far a chain of reactions may go.
    pub const fn budgets(&self) -> Budgets {
        self.budgets
    }

    /// The rules in the order in which they are asked: by priority, then id. The fallback is not among them.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What decides when no rule holds; its conditions are never asked.
    pub const fn fallback(&self) -> &Rule {
        &self.fallback
    }

    /// The rule of that digest, the fallback included.
    pub fn rule(&self, digest: Digest) -> Option<&Rule> {
        self.rules.iter().chain([&self.fallback]).find(|rule| rule.digest == digest)
    }

    /// Digest of the pack as written, comments and order of keys aside.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Digest of the pack together with the contract of the profile and the intents that its rules name.
    pub const fn profile_digest(&self) -> Digest {
        self.profile_digest
    }
}
