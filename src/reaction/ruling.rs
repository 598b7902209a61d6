//! What the rules of a pack say of one observation, before anything else is weighed.

use crate::api::Criticality;

/// What a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// Look again: with the question of the run itself, or with a named one.
    Again,
    /// Call a person.
    Person,
}

/// Why the rules were not followed to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// The chain of reruns is as long as the pack allows.
    Depth,
    /// The chain has had as many reactions as the pack allows.
    Budget,
    /// The rule that matches has fired in this chain before. Whether it is the very one that asked for this run.
    Cycle {
        /// The rule asked for this run, and now says the same of what it saw.
        of_asker: bool,
    },
}

/// What the rules of a pack say of one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Id of the rule that matched, or of the fallback.
    pub rule: String,
    /// Digest of that rule: what a chain remembers.
    pub digest: String,
    /// Digest of the pack.
    pub pack: String,
    /// How loud it is.
    pub severity: Criticality,
    /// What is asked for.
    pub asks: Asks,
    /// The intent that shall be asked, when the rule names one.
    pub intent: Option<String>,
    /// The recorded reason: `matched:<rule>`, `no_matching_reaction_rule`, `reaction_cycle_detected` …
    pub recorded: String,
    /// Whether a rule matched; the fallback is no match.
    pub matched: bool,
    /// Why the rules were not followed to their end, when they were not.
    pub blocked: Option<Block>,
}
