//! What pairs claim, put together by Escalation.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::loss::is_about_all;
use super::matter::Claim;
use super::standing::is_loss_key;
use super::world::{Look, TargetKey, World};
use super::{is_loss, loss_key};
use crate::api::{Criticality, EscalationId, FindingKey, FindingStage, PairId, StatusFinding, TrackedFinding, reason};

/// What the pairs of a Target claim with one key.
#[derive(Debug, Clone)]
pub(super) struct Demand {
    pub(super) target: TargetKey,
    pub(super) key: FindingKey,
    pub(super) finding: StatusFinding,
    pub(super) severity: Criticality,
    pub(super) runbook: Option<String>,
    /// By Check, in order.
    pub(super) claims: Vec<Claim>,
    /// Start of the first run that saw it.
    pub(super) began: Timestamp,
    /// Start of the latest run of a claiming pair, whatever it saw.
    pub(super) looked: Timestamp,
    /// From one run of a claiming pair to the end of the next at most.
    pub(super) turn: SignedDuration,
    /// Start of the last healthy run of the pair that claims longest.
    pub(super) last_healthy: Option<Timestamp>,
}

impl Demand {
    /// Whether the Target as a whole gives no answer.
    pub(super) fn is_loss(&self) -> bool {
        is_loss_key(&self.key)
    }

    /// The pair that claims longest.
    pub(super) fn leading(&self) -> Option<PairId> {
        let claim = self.claims.iter().min_by_key(|claim| claim.since)?;
        let (namespace, target) = self.target.clone();
        Some(PairId { namespace, check: claim.check.clone(), target })
    }
}

/// Every demand. Two keys of one Target whose names meet are one demand, so that no claim is lost.
pub(super) fn demands(world: &World<'_>) -> BTreeMap<EscalationId, Demand> {
    let mut looks: Vec<&Look<'_>> = world.looks.iter().collect();
    looks.sort_unstable_by_key(|look| look.pair);
    let mut demands = BTreeMap::new();
    for look in looks {
        let blind = raised(look).any(|tracked| is_about_all(&tracked.finding, look.single));
        for tracked in raised(look).filter(|tracked| !(blind && follows(&tracked.finding))) {
            let key = if is_loss(&tracked.key(), look.single) { loss_key() } else { tracked.key() };
            let id = EscalationId::of_target(&look.pair.namespace, &look.pair.target, &key);
            let demand = demands.entry(id).or_insert_with(|| begin(look, key, tracked));
            add(demand, world, look, tracked);
        }
    }
    demands
}

fn raised<'l>(look: &Look<'l>) -> impl Iterator<Item = &'l TrackedFinding> + use<'l> {
    look.tracked.iter().filter(|tracked| tracked.stage == FindingStage::Raised)
}

/// Whether it says only that nothing was seen: where no reading was taken, that one matter says it of all.
fn follows(finding: &StatusFinding) -> bool {
    finding.reason_code == reason::EXPECTATION_NOT_OBSERVED
}

fn begin(look: &Look<'_>, key: FindingKey, tracked: &TrackedFinding) -> Demand {
    Demand {
        target: (look.pair.namespace.clone(), look.pair.target.clone()),
        key,
        finding: tracked.finding.clone(),
        severity: tracked.severity,
        runbook: None,
        claims: Vec::new(),
        began: tracked.first_seen,
        looked: look.started,
        turn: look.turn,
        last_healthy: look.last_healthy,
    }
}

fn add(demand: &mut Demand, world: &World<'_>, look: &Look<'_>, tracked: &TrackedFinding) {
    let TrackedFinding { finding, severity, first_seen, last_seen, .. } = tracked;
    if *first_seen < demand.began {
        demand.finding = finding.clone();
        demand.last_healthy = look.last_healthy;
        demand.began = *first_seen;
    }
    demand.severity = demand.severity.max(*severity);
    demand.looked = demand.looked.max(look.started);
    demand.turn = demand.turn.min(look.turn);
    if demand.runbook.is_none() {
        demand.runbook = world.runbooks.get(&(look.pair.namespace.clone(), look.pair.check.clone())).cloned();
    }
    let claim = Claim {
        check: look.pair.check.clone(),
        since: *first_seen,
        last_seen: *last_seen,
        seen: tracked.seen_of_span(),
        runs: tracked.runs_of_span(),
    };
    // One Check may claim with two keys that are one matter: refused in one run, timed out in the next.
    match demand.claims.last_mut().filter(|last| last.check == claim.check) {
        Some(last) => {
            last.since = last.since.min(claim.since);
            last.last_seen = last.last_seen.max(claim.last_seen);
            last.seen = last.seen.max(claim.seen);
            last.runs = last.runs.max(claim.runs);
        }
        None => demand.claims.push(claim),
    }
}
