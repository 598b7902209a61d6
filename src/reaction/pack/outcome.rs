//! What a rule asks for.

/// What is done about an observation, in the words of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Run a named read-only intent.
    RunIntent,
    /// Run a named read-only intent again; it is decided exactly as [`Outcome::RunIntent`].
    RetryIntent,
    /// Call a person.
    Escalate,
    /// Nothing.
    NoOp,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::RunIntent, Self::RetryIntent, Self::Escalate, Self::NoOp];

    /// The word in packs and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RunIntent => "run_intent",
            Self::RetryIntent => "retry_intent",
            Self::Escalate => "escalate",
            Self::NoOp => "no_op",
        }
    }

    /// Reads the word; anything else is `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    /// Whether it names an intent.
    pub const fn runs(self) -> bool {
        matches!(self, Self::RunIntent | Self::RetryIntent)
    }
}
