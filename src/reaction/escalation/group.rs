//! Mass failure: one matter that stands for many.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::demand::Demand;
use super::matter::{Matter, SuppressionReason};
use super::standing::{Standings, is_loss_key};
use super::suppress::held;
use crate::api::{EscalationId, EscalationName, FindingKey, Namespace};

/// Lost Targets that make one group, when they are half of those that were looked at since the first of them was lost.
pub const LOST_MIN: usize = 5;
/// Targets with one finding that make one group, whatever share of all they are.
pub const ALIKE_MIN: usize = 20;
/// A group stands until fewer of its members are left than this part of what made it: it does not fall apart into single matters
/// while everything recovers.
const LEFT: usize = 2;

/// Which demands a group stands for.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) key: FindingKey,
    pub(super) members: BTreeSet<EscalationId>,
    /// Start of the first run that saw the first of those that made it.
    pub(super) began: Timestamp,
    /// Targets that were looked at since then.
    pub(super) looked: usize,
}

/// The demands that no parent explains, and the open matters of before.
pub(super) struct Candidates<'d> {
    pub(super) demands: Vec<(&'d EscalationId, &'d Demand)>,
    pub(super) known: &'d BTreeMap<EscalationId, &'d Matter>,
}

/// Every group that stands.
pub(super) fn groups(candidates: &Candidates<'_>, standings: &Standings<'_>) -> BTreeMap<EscalationId, Group> {
    let mut alike: BTreeMap<(&Namespace, &FindingKey), Vec<Member<'_>>> = BTreeMap::new();
    for (id, demand) in &candidates.demands {
        alike.entry((&demand.target.0, &demand.key)).or_default().push((id, demand));
    }
    let mut groups = BTreeMap::new();
    for ((namespace, key), demands) in alike {
        let id = EscalationId::of_group(namespace, key);
        let known = candidates.known.get(&id).copied().filter(|matter| matter.is_open());
        let found = if is_loss_key(key) {
            lost(&id, known, demands, candidates.known, standings)
        } else {
            let enough = if known.is_some() { ALIKE_MIN / LEFT } else { ALIKE_MIN };
            let began = demands.iter().map(|(_, demand)| demand.began).min();
            began.filter(|_| demands.len() >= enough).map(|began| (began, demands))
        };
        let Some((began, members)) = found else { continue };
        let looked = standings.looked_since(namespace, began);
        let members = members.into_iter().map(|(id, _)| id.clone()).collect();
        groups.insert(id, Group { key: key.clone(), members, began, looked });
    }
    groups
}

/// A member of a group: its Escalation and what is claimed.
type Member<'d> = (&'d EscalationId, &'d Demand);

/// Since when Targets are lost for which one group stands, and which; `None` when there is no group.
fn lost<'d>(
    id: &EscalationId,
    known: Option<&Matter>,
    mut demands: Vec<Member<'d>>,
    all_known: &BTreeMap<EscalationId, &Matter>,
    standings: &Standings<'_>,
) -> Option<(Timestamp, Vec<Member<'d>>)> {
    // Latest first: the burst of now must not be outweighed by what was looked at before it.
    demands.sort_by(|a, b| b.1.began.cmp(&a.1.began).then_with(|| a.0.cmp(b.0)));
    let burst = burst(&demands, &id.namespace, standings);
    let first = burst.checked_sub(1).and_then(|last| demands.get(last)).map(|(_, demand)| demand.began);
    let since = known.map(|group| group.first_seen).or(first)?;
    let stays = |member: &EscalationId| {
        let matter = all_known.get(member).copied().filter(|matter| matter.is_open());
        held(matter, SuppressionReason::PartOfGroup).is_some_and(|suppressed| suppressed.by == id.name.as_str())
    };
    let members: Vec<_> = demands
        .into_iter()
        .enumerate()
        .filter(|(index, (member, demand))| *index < burst || stays(member) || demand.began >= since)
        .map(|(_, member)| member)
        .collect();
    (burst > 0 || members.len() > LOST_MIN / LEFT).then_some((since, members))
}

/// How many of the losses, latest first, are one mass failure: the most that are half of the Targets looked at since the first of
/// them, or all of them when they are very many. Losses of one instant are in it together.
fn burst(latest_first: &[Member<'_>], namespace: &Namespace, standings: &Standings<'_>) -> usize {
    let many = latest_first.len();
    if many >= ALIKE_MIN {
        return many;
    }
    (LOST_MIN..=many)
        .rev()
        .find(|number| {
            let Some((_, last)) = latest_first.get(number - 1) else { return false };
            let whole = latest_first.get(*number).is_none_or(|(_, next)| next.began < last.began);
            whole && number * 2 >= standings.looked_since(namespace, last.began)
        })
        .unwrap_or(0)
}

/// The first names of a group's members, as its matter keeps them.
pub(super) fn names(group: &Group) -> Vec<EscalationName> {
    group.members.iter().take(super::MEMBERS_MAX).map(|id| id.name.clone()).collect()
}
