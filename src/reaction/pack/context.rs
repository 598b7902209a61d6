//! What led to an observation.

use crate::api::Digest;

/// What led to an observation. Nothing fills it by itself: the caller says what happened before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// How many reactions stand between the first observation and this one.
    pub depth: u32,
    /// How many reactions there were in all.
    pub reaction_count: u32,
    /// Digests of the rules that asked for a run on the way here.
    pub visited: Vec<Digest>,
}
