//! How loud a finding of a pack is.

use crate::api::Criticality;

/// How loud a finding is, in the words of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingSeverity {
    /// Nothing is wrong.
    Info,
    /// For when there is time.
    Low,
    /// Within the day.
    Medium,
    /// At once.
    High,
    /// Others stop with it.
    Critical,
}

impl FindingSeverity {
    /// Every severity, quietest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word in packs and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads the word; anything else is `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }

    /// The same on the scale of the kinds; what is only told is [`Criticality::Low`].
    pub const fn criticality(self) -> Criticality {
        match self {
            Self::Info | Self::Low => Criticality::Low,
            Self::Medium => Criticality::Medium,
            Self::High => Criticality::High,
            Self::Critical => Criticality::Critical,
        }
    }
}
