//! Whose sequence a record belongs to.

use std::fmt;

use crate::api::{EscalationId, PairId};

/// Whose sequence a record belongs to. Its text form is `namespace/check.target` for a pair, `escalation/namespace/name` for an
/// Escalation and `log` for the log itself. No two can meet: a pair has one slash, an Escalation two, the log none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Records about the log: retention.
    Log,
    /// Records of one pair.
    Pair(PairId),
    /// Records of one Escalation.
    Escalation(EscalationId),
}

impl Subject {
    /// The word of the log's own sequence.
    const LOG: &'static str = "log";
    /// How the text form of an Escalation begins.
    pub const ESCALATION: &'static str = "escalation/";

    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(Self::ESCALATION).filter(|rest| rest.contains('/')) {
            Some(rest) => EscalationId::parse(rest).map(Self::Escalation),
            None if text == Self::LOG => Some(Self::Log),
            None => PairId::parse(text).map(Self::Pair),
        }
    }

    /// The pair, when it is one.
    pub const fn pair(&self) -> Option<&PairId> {
        match self {
            Self::Pair(pair) => Some(pair),
            Self::Log | Self::Escalation(_) => None,
        }
    }

    /// The Escalation, when it is one.
    pub const fn escalation(&self) -> Option<&EscalationId> {
        match self {
            Self::Escalation(id) => Some(id),
            Self::Log | Self::Pair(_) => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log => f.write_str(Self::LOG),
            Self::Pair(pair) => pair.fmt(f),
            Self::Escalation(id) => write!(f, "{}{id}", Self::ESCALATION),
        }
    }
}

impl From<PairId> for Subject {
    fn from(pair: PairId) -> Self {
        Self::Pair(pair)
    }
}

impl From<EscalationId> for Subject {
    fn from(id: EscalationId) -> Self {
        Self::Escalation(id)
    }
}
