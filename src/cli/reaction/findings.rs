//! Findings that would stand otherwise after a decision.

use crate::api::{Criticality, FindingKey, FindingStage, TrackedFinding};

/// Where a finding stands: how far it is, and how loud.
pub type Stands = (FindingStage, Criticality);

/// A finding that would stand otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherFinding {
    /// Which.
    pub key: FindingKey,
    /// Where it stood; `None` when nobody remembered it.
    pub was: Option<Stands>,
    /// Where it would stand.
    pub would_be: Option<Stands>,
}

/// The findings that would stand otherwise, in key order. How often each was seen depends on no rule and is not compared.
pub fn differing(was: &[TrackedFinding], would_be: &[TrackedFinding]) -> Vec<OtherFinding> {
    let of = |all: &[TrackedFinding], key: &FindingKey| {
        all.iter().find(|tracked| tracked.key() == *key).map(|tracked| (tracked.stage, tracked.severity))
    };
    let mut keys: Vec<FindingKey> = was.iter().chain(would_be).map(TrackedFinding::key).collect();
    keys.sort();
    keys.dedup();
    let all = keys.into_iter().map(|key| OtherFinding { was: of(was, &key), would_be: of(would_be, &key), key });
    all.filter(|finding| finding.was != finding.would_be).collect()
}
