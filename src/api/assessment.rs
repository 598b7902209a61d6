//! The four-valued judgement of what was seen, and how much was seen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a run says about a target. "Could not look" is [`Assessment::Unknown`], never healthy and never unhealthy.
///
/// The order is by how loudly a person should hear it: `Healthy < Unknown < Degraded < Unhealthy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Assessment {
    /// Everything the contract asks for was seen and is as it should be.
    Healthy,
    /// It could not be seen, or the evidence is too old.
    Unknown,
    /// Seen, and worse than it should be.
    Degraded,
    /// Seen, and broken.
    Unhealthy,
}

impl Assessment {
    /// The lower-case word used in facts, evidence and status.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unknown => "unknown",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
        }
    }

    /// Reads the lower-case word; anything else is `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "healthy" => Self::Healthy,
            "unknown" => Self::Unknown,
            "degraded" => Self::Degraded,
            "unhealthy" => Self::Unhealthy,
            _ => return None,
        })
    }
}

/// How much of what the contract asks for was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// All of it.
    Complete,
    /// Some of it.
    Partial,
    /// None of it: there are no facts, or they say so of each component.
    Blocked,
}

impl Coverage {
    /// The lower-case word used in facts, evidence and status.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Blocked => "blocked",
        }
    }
}
