//! What the decision reads.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::Matter;
use crate::api::{EscalationId, LabelName, Namespace, PairId, SubdomainName, TrackedFinding};

/// Namespace and name of a Target.
pub type TargetKey = (Namespace, SubdomainName);

/// Everything that the decision depends on.
#[derive(Debug, Clone)]
pub struct World<'a> {
    /// What every pair with a run says, in any order.
    pub looks: Vec<Look<'a>>,
    /// The parents of every wanted Target, `viaRefs` hops included.
    pub parents: BTreeMap<TargetKey, Vec<SubdomainName>>,
    /// Where the runbook of a Check is.
    pub runbooks: HashMap<(Namespace, LabelName), String>,
    /// Every known Escalation, resolved ones included.
    pub known: BTreeMap<EscalationId, &'a Matter>,
    /// Since when pairs are looked at without a pause: who was away before gives every pair its turn. [`Timestamp::MIN`] after a pass
    /// that has looked at all that was due.
    pub began: Timestamp,
    /// Whether the loss of one Target is held back while it may turn out to be one of many: only by those who look again by themselves.
    pub holds: bool,
    /// The time.
    pub now: Timestamp,
}

/// What one pair says.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The pair.
    pub pair: &'a PairId,
    /// Start of its latest run that was not a rerun.
    pub started: Timestamp,
    /// Since when its assessment is what it is.
    pub since: Timestamp,
    /// Whether that run got no answer at all: [`super::is_lost`].
    pub lost: bool,
    /// Whether it is wanted, admitted and not suspended: only then it is looked at again, and says something of its Target.
    pub runs: bool,
    /// Start of its latest healthy run.
    pub last_healthy: Option<Timestamp>,
    /// Whether its intent takes one reading only.
    pub single: bool,
    /// From one run to the end of the next at most: interval and time-out.
    pub turn: SignedDuration,
    /// Its findings over time.
    pub tracked: &'a [TrackedFinding],
}
