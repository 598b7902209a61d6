//! Whose sequence a record belongs to.

use std::fmt;

use crate::api::PairId;

/// Whose sequence a record belongs to. Its text form is `namespace/check.target` for a pair and `log` for the log itself; the
/// two can not meet, because a pair always holds a slash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Records about the log: retention.
    Log,
    /// Records of one pair.
    Pair(PairId),
}

impl Subject {
    /// The word of the log's own sequence.
    const LOG: &'static str = "log";

    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::LOG { Some(Self::Log) } else { PairId::parse(text).map(Self::Pair) }
    }

    /// The pair, when it is one.
    pub const fn pair(&self) -> Option<&PairId> {
        match self {
            Self::Pair(pair) => Some(pair),
            Self::Log => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log => f.write_str(Self::LOG),
            Self::Pair(pair) => pair.fmt(f),
        }
    }
}

impl From<PairId> for Subject {
    fn from(pair: PairId) -> Self {
        Self::Pair(pair)
    }
}
