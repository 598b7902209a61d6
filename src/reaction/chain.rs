//! How a run came about: the reactions that led to it.

use crate::api::{Digest, FindingKey};

use super::pack::Context;

/// How a run came about. The default is a run on schedule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Reruns that led here.
    pub depth: u32,
    /// Reactions that led here.
    pub reactions: u32,
    /// Digests of the rules that fired, in order; the last one asked for this run.
    pub visited: Vec<Digest>,
    /// What of the run on schedule the question speaks for; `None` for all of it: the question is the pair's own.
    pub about: Option<Vec<FindingKey>>,
}

impl Chain {
    /// The chain of the run that the rule with this digest asks for, and what its answer speaks for.
    #[must_use]
    pub fn then(&self, rule: Digest, about: Option<Vec<FindingKey>>) -> Self {
        let mut visited = self.visited.clone();
        visited.push(rule);
        Self { depth: self.depth.saturating_add(1), reactions: self.reactions.saturating_add(1), visited, about }
    }

    /// Whether the run is a rerun.
    pub const fn is_rerun(&self) -> bool {
        self.depth > 0
    }

    /// Digest of the rule that asked for this run.
    pub fn asker(&self) -> Option<Digest> {
        self.visited.last().copied()
    }

    /// As rules are asked about it.
    pub fn context(&self) -> Context {
        Context { depth: self.depth, reaction_count: self.reactions, visited: self.visited.clone() }
    }
}
