//! The little of a pair's state that a daemon keeps of every pair.

use serde::Deserialize;

use super::Refusal;
use crate::api::{LastEvidence, PairId};

/// Part of a [`PairState`](super::PairState), read from the same text: a tenth of it, for there may be a hundred thousand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PairBrief {
    /// The pair.
    pub pair: PairId,
    /// The last run that was not a rerun.
    pub last: Option<LastEvidence>,
    /// Whether the pair is no longer desired.
    pub removed: bool,
    /// Whether the pair was suspended since the last run.
    #[serde(default)]
    pub suspended: bool,
    /// What policy refused since the last run.
    #[serde(default)]
    pub denied: Option<Refusal>,
}
