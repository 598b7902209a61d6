//! The decision: what is claimed and what is open give what has to change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::await_group::may_be_many;
use super::change::EscalationChange;
use super::context::{Context, NAMES_MAX, Parent};
use super::demand::{Demand, demands};
use super::group::{Candidates, Group, groups, names};
use super::matter::{CLAIMS_MAX, Matter, Members, Suppression, SuppressionReason};
use super::standing::{Standings, is_loss_key};
use super::suppress::{Held, SAME_ROUND, by_parent, held, waits};
use super::words;
use super::world::World;
use crate::api::{
    Criticality, DEFAULT_NAMESPACE, EscalationId, FindingKey, Namespace, PairId, StatusFinding, SubdomainName, reason,
};

/// A change of one Escalation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub id: EscalationId,
    /// What happens.
    pub change: EscalationChange,
    /// What it says from then on.
    pub matter: Matter,
    /// The pair that has claimed it longest, of a group that of the member that began first; `None` when it is over.
    pub leading: Option<PairId>,
}

/// What has to change now, and when something has to change at the latest although nothing new is seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// The changes, in the order of the names.
    pub changes: Vec<Change>,
    /// When to decide again; `None` when only new runs can change anything.
    pub again: Option<Timestamp>,
    /// Every call that is held back.
    pub held: BTreeMap<EscalationId, Held>,
}

/// Decides. Pure: the same world gives the same changes, and none once they are applied.
///
/// One Escalation per (namespace, Target, finding key) is open as long as a pair claims it; it comes back under the same name. It is
/// suppressed while a parent is lost or may turn out to be, and while a group stands for it or may have to; what is resolved is resolved whoever is
/// lost.
pub fn reconcile(world: &World<'_>) -> Decision {
    let standings = Standings::of(world);
    let demands = demands(world);
    let mut held: BTreeMap<EscalationId, Held> = BTreeMap::new();
    let mut candidates = Candidates { demands: Vec::new(), known: &world.known };
    for (id, demand) in &demands {
        match by_parent(demand, open(world, id), &standings, world.now) {
            Some(by_parent) => {
                held.insert(id.clone(), by_parent);
            }
            None => candidates.demands.push((id, demand)),
        }
    }
    let groups = groups(&candidates, &standings);
    for (id, demand) in &candidates.demands {
        let group = groups.iter().find(|(_, group)| group.members.contains(*id));
        let of_group = group.map(|(group, _)| Held::by(SuppressionReason::PartOfGroup, group.name.as_str()));
        let known = world.known.get(*id).copied();
        let many = || may_be_many(demand, known, &standings, (world.holds, world.now));
        let because = of_group.or_else(|| left_over(world, &standings, id, demand)).or_else(many);
        held.extend(because.map(|because| (EscalationId::clone(id), because)));
    }
    let mut wanted: BTreeMap<EscalationId, Wanted> = BTreeMap::new();
    for (id, demand) in &demands {
        let suppressed = held.get(id).map(|held| held.suppression.clone());
        let matter = of_demand(world, &standings, &demands, (id, demand), suppressed);
        wanted.insert(id.clone(), Wanted { matter, leading: demand.leading() });
    }
    for (id, group) in &groups {
        wanted.insert(id.clone(), of_group(world, &demands, (id, group)));
    }
    let again = held.values().filter_map(|held| held.again).min();
    Decision { changes: changes(world, wanted), again, held }
}

/// What an Escalation has to say, and which pair has claimed it longest.
struct Wanted {
    matter: Matter,
    leading: Option<PairId>,
}

/// The open matter of that name.
fn open<'w>(world: &World<'w>, id: &EscalationId) -> Option<&'w Matter> {
    world.known.get(id).copied().filter(|matter| matter.is_open())
}

/// The group that stood for it is over: the Target is looked at once more before anybody is called.
fn left_over(world: &World<'_>, standings: &Standings<'_>, id: &EscalationId, demand: &Demand) -> Option<Held> {
    let before = held(open(world, id), SuppressionReason::PartOfGroup)?;
    let group = EscalationId::of_group(&id.namespace, &demand.key);
    let matter = world.known.get(&group).filter(|_| group.name.as_str() == before.by)?;
    let told = matter.resolved_at.unwrap_or(world.now);
    // Whoever decides may come late, after a crash: the Target may have been looked at once more by then.
    let over = recovered(world, standings, &group, matter).map_or(told, |at| at.min(told));
    let until = waits(demand, over, world.now)?;
    Some(Held::by(before.reason, &before.by).until(until))
}

/// When the latest of those that were lost together was seen to answer, with the round in which that was; `None` when nobody of them
/// does, and of groups that are about something else.
fn recovered(world: &World<'_>, standings: &Standings<'_>, group: &EscalationId, matter: &Matter) -> Option<Timestamp> {
    let names = matter.members.iter().filter(|_| is_loss_key(&matter.key)).flat_map(|members| &members.names);
    let answers = names.filter_map(|name| {
        let id = EscalationId { namespace: group.namespace.clone(), name: name.clone() };
        let target = world.known.get(&id)?.target.clone()?;
        let standing = standings.get(&(group.namespace.clone(), target))?;
        standing.lost.is_none().then_some(standing.since)
    });
    answers.max()?.checked_add(SAME_ROUND).ok()
}

fn of_demand(
    world: &World<'_>,
    standings: &Standings<'_>,
    all: &BTreeMap<EscalationId, Demand>,
    (id, demand): (&EscalationId, &Demand),
    suppressed: Option<Suppression>,
) -> Matter {
    let before = world.known.get(id).copied();
    let opened = before.filter(|matter| matter.is_open());
    let (namespace, target) = &demand.target;
    let claims_total = u64::try_from(demand.claims.len()).unwrap_or(u64::MAX);
    let mut claims = demand.claims.clone();
    claims.truncate(CLAIMS_MAX);
    let last_seen = demand.claims.iter().map(|claim| claim.last_seen).max().unwrap_or(demand.looked);
    Matter {
        target: Some(target.clone()),
        key: demand.key.clone(),
        finding: demand.finding.clone(),
        severity: demand.severity,
        runbook: demand.runbook.clone(),
        summary: words::of_target(target, &demand.finding.message, &demand.claims, world.now),
        context: opened.map_or_else(|| context(standings, all, demand, namespace, target), |matter| matter.context.clone()),
        incident: incident(before),
        first_seen: opened.map_or(demand.began, |matter| matter.first_seen.min(demand.began)),
        last_seen,
        claims,
        claims_total,
        resolved_at: None,
        suppressed,
        acknowledged: opened.and_then(|matter| matter.acknowledged.clone()),
        members: None,
    }
}

fn incident(before: Option<&Matter>) -> u32 {
    match before {
        None => 1,
        Some(matter) if matter.is_open() => matter.incident,
        Some(matter) => matter.incident.saturating_add(1),
    }
}

fn context(
    standings: &Standings<'_>,
    all: &BTreeMap<EscalationId, Demand>,
    demand: &Demand,
    namespace: &Namespace,
    target: &SubdomainName,
) -> Context {
    let same = |other: &&Demand| other.key == demand.key && other.target.0 == *namespace && other.target.1 != *target;
    let mut others: BTreeSet<&SubdomainName> = all.values().filter(same).map(|other| &other.target.1).collect();
    let others_total = u64::try_from(others.len()).unwrap_or(u64::MAX);
    let parents = standings.parents(&demand.target).iter().take(NAMES_MAX).map(|name| {
        let standing = standings.get(&(namespace.clone(), name.clone()));
        Parent { name: name.clone(), lost: standing.map(|standing| standing.lost.is_some()) }
    });
    Context {
        parents: parents.collect(),
        others: std::iter::from_fn(|| others.pop_first()).take(NAMES_MAX).cloned().collect(),
        others_total,
        ..of_leading(demand)
    }
}

/// What the pair that claims longest says behind the matter.
fn of_leading(demand: &Demand) -> Context {
    let explain = demand.leading().map_or_else(String::new, |PairId { namespace, check, target }| {
        let scope = if namespace.as_str() == DEFAULT_NAMESPACE { String::new() } else { format!(" -n {namespace}") };
        format!("tecrax explain observation/{check}.{target}{scope}")
    });
    Context { last_healthy: demand.last_healthy, explain, ..Context::default() }
}

/// A group stands for many, and a person begins with one of them: the proof, the way to explain it and the last healthy run are those
/// of the member that began first.
fn of_group(world: &World<'_>, demands: &BTreeMap<EscalationId, Demand>, (id, group): (&EscalationId, &Group)) -> Wanted {
    let before = world.known.get(id).copied();
    let opened = before.filter(|matter| matter.is_open());
    let members: Vec<&Demand> = group.members.iter().filter_map(|id| demands.get(id)).collect();
    let targets: Vec<&SubdomainName> = members.iter().map(|demand| &demand.target.1).collect();
    let first = members.iter().min_by_key(|demand| demand.began);
    let first_seen = opened.map_or(group.began, |matter| matter.first_seen);
    let last_seen = members.iter().flat_map(|demand| &demand.claims).map(|claim| claim.last_seen).max();
    let of = opened
        .and_then(|matter| matter.members.as_ref())
        .map_or(group.looked, |members| usize::try_from(members.of).unwrap_or(usize::MAX));
    let finding = finding(&group.key, members.first().map(|demand| &demand.finding), targets.len(), of);
    let total = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let context = || first.map(|demand| of_leading(demand)).unwrap_or_default();
    let matter = Matter {
        target: None,
        key: group.key.clone(),
        severity: members.iter().map(|demand| demand.severity).max().unwrap_or(Criticality::Low),
        runbook: members.iter().find_map(|demand| demand.runbook.clone()),
        claims: Vec::new(),
        claims_total: 0,
        incident: incident(before),
        first_seen,
        last_seen: last_seen.unwrap_or(first_seen),
        resolved_at: None,
        suppressed: None,
        acknowledged: opened.and_then(|matter| matter.acknowledged.clone()),
        summary: words::of_group(&finding.message, &targets, first_seen, world.now),
        finding,
        members: Some(Members { names: names(group), total: total(targets.len()), of: total(of) }),
        context: opened.map_or_else(context, |matter| matter.context.clone()),
    };
    Wanted { matter, leading: first.and_then(|demand| demand.leading()) }
}

/// What a group says: of lost Targets that they are lost, of others what the first of them says.
fn finding(key: &FindingKey, first: Option<&StatusFinding>, targets: usize, of: usize) -> StatusFinding {
    let lost = is_loss_key(key);
    let message = match first {
        Some(first) if !lost => format!("{targets} targets: {}", first.message.trim_end_matches('.')),
        _ => format!("{targets} of {} targets give no answer", of.max(targets)),
    };
    let next_step = if lost {
        Some("Look at what they have in common: the network of this machine, a switch, a gateway.".to_owned())
    } else {
        first.and_then(|first| first.next_step.clone())
    };
    let FindingKey { kind, component, reason_code } = key.clone();
    let reason_code = if lost { reason::MASS_FAILURE.to_owned() } else { reason_code };
    StatusFinding { kind, component, reason_code, message, next_step }
}

/// What is wanted against what is known.
fn changes(world: &World<'_>, wanted: BTreeMap<EscalationId, Wanted>) -> Vec<Change> {
    let ended = world.known.iter().filter(|(id, matter)| matter.is_open() && !wanted.contains_key(*id)).map(|(id, matter)| {
        let summary = words::resolved(matter, world.now);
        let matter = Matter { resolved_at: Some(world.now), suppressed: None, summary, ..(*matter).clone() };
        Change { id: id.clone(), change: EscalationChange::Resolved, matter, leading: None }
    });
    let mut changes: Vec<Change> = ended.collect();
    for (id, Wanted { matter, leading }) in wanted {
        let change = match world.known.get(&id) {
            None => EscalationChange::Opened,
            Some(before) if !before.is_open() => EscalationChange::Reopened,
            Some(before) if before.means(&matter) => continue,
            Some(before) if before.suppressed == matter.suppressed => EscalationChange::Updated,
            Some(_) if matter.suppressed.is_some() => EscalationChange::Suppressed,
            Some(_) => EscalationChange::Unsuppressed,
        };
        changes.push(Change { id, change, matter, leading });
    }
    changes.sort_by(|a, b| a.id.cmp(&b.id));
    changes
}
