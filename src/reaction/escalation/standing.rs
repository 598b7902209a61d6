//! Which Targets answer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::world::{Look, TargetKey, World};
use super::{is_loss, loss_key};
use crate::api::SubdomainName;

/// Most ancestors that are asked: parents form no circle, but a bound costs nothing.
const ANCESTORS_MAX: usize = 256;

/// Turns for which a lost Target counts as lost without another look: its next run may be late by as much again.
const TURNS: i32 = 2;

/// What the pairs of a Target say of its being there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// Since when it gives no answer.
    pub(super) lost: Option<Timestamp>,
    /// Until when that counts if nobody looks again.
    pub(super) until: Timestamp,
    /// When it was last looked at.
    pub(super) looked: Timestamp,
    /// Since when it says what it says; where it answers again, not before it did.
    pub(super) since: Timestamp,
    /// From one look to the end of the next at most.
    pub(super) turn: SignedDuration,
}

/// All Targets that are looked at.
pub(super) struct Standings<'w> {
    by_target: BTreeMap<TargetKey, Standing>,
    parents: &'w BTreeMap<TargetKey, Vec<SubdomainName>>,
}

impl<'w> Standings<'w> {
    pub(super) fn of(world: &'w World<'_>) -> Self {
        let mut looks: BTreeMap<TargetKey, Vec<&Look<'_>>> = BTreeMap::new();
        for look in world.looks.iter().filter(|look| look.runs) {
            looks.entry((look.pair.namespace.clone(), look.pair.target.clone())).or_default().push(look);
        }
        let by_target = looks.into_iter().filter_map(|(key, looks)| Some((key, standing(&looks, world)?))).collect();
        Self { by_target, parents: &world.parents }
    }

    pub(super) fn get(&self, target: &TargetKey) -> Option<&Standing> {
        self.by_target.get(target)
    }

    /// Those of one namespace, in the order of their names.
    pub(super) fn of_namespace(&self, namespace: &crate::api::Namespace) -> impl Iterator<Item = (&TargetKey, &Standing)> {
        self.by_target.iter().filter(move |((of, _), _)| of == namespace)
    }

    /// The parents that are declared.
    pub(super) fn parents(&self, target: &TargetKey) -> &[SubdomainName] {
        self.parents.get(target).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether it has answered since it last gave none.
    pub(super) fn answers(&self, target: &TargetKey) -> bool {
        self.get(target).is_some_and(|standing| standing.lost.is_none())
    }

    /// Parents, their parents and so on, the nearest first, each once.
    pub(super) fn ancestors(&self, target: &TargetKey) -> Vec<TargetKey> {
        self.upwards(target, |_| true)
    }

    /// The ancestors that may be between it and us: the way ends at one that answers, because what is beyond it does not keep us from it.
    pub(super) fn on_the_way(&self, target: &TargetKey) -> Vec<TargetKey> {
        self.upwards(target, |ancestor| !self.answers(ancestor))
    }

    /// Goes beyond those of which `goes_on` holds.
    fn upwards(&self, target: &TargetKey, goes_on: impl Fn(&TargetKey) -> bool) -> Vec<TargetKey> {
        let mut seen = BTreeSet::from([target.clone()]);
        let mut queue = VecDeque::from([target.clone()]);
        let mut found = Vec::new();
        while let Some(next) = queue.pop_front() {
            for parent in self.parents(&next) {
                let key = (target.0.clone(), parent.clone());
                if found.len() < ANCESTORS_MAX && seen.insert(key.clone()) {
                    found.push(key.clone());
                    if goes_on(&key) {
                        queue.push_back(key);
                    }
                }
            }
        }
        found
    }

    /// How many Targets of the namespace were looked at then or later.
    pub(super) fn looked_since(&self, namespace: &crate::api::Namespace, since: Timestamp) -> usize {
        self.of_namespace(namespace).filter(|(_, standing)| standing.looked >= since).count()
    }
}

/// A Target is lost when a pair of it got no answer and none has got one since that began: a host whose HTTP server is down answers
/// over SSH, however the runs of the two follow each other. A loss that nobody has looked at again in its time says nothing any more:
/// its Check may belong to manifests that nobody runs.
fn standing(looks: &[&Look<'_>], world: &World<'_>) -> Option<Standing> {
    let losses = looks.iter().filter(|look| look.lost && world.now < counts_until(look, world.began));
    let until = losses.clone().map(|look| counts_until(look, world.began)).max();
    let began = losses.map(|look| loss_began(look)).max();
    let answered = looks.iter().filter(|look| !look.lost);
    let latest_answer = answered.clone().map(|look| look.started).max();
    let lost = began.filter(|began| latest_answer.is_none_or(|answer| answer < *began));
    Some(Standing {
        lost,
        until: until.unwrap_or(Timestamp::MAX),
        looked: looks.iter().map(|look| look.started).max()?,
        since: answered.map(|look| look.since).max().or(began)?,
        turn: looks.iter().map(|look| look.turn).min()?,
    })
}

fn counts_until(look: &Look<'_>, began: Timestamp) -> Timestamp {
    let turns = look.turn.checked_mul(TURNS).unwrap_or(SignedDuration::MAX);
    look.started.max(began).checked_add(turns).unwrap_or(Timestamp::MAX)
}

/// Start of the first run of the span in which the pair gets no answer.
fn loss_began(look: &Look<'_>) -> Timestamp {
    let losses = look.tracked.iter().filter(|tracked| is_loss(&tracked.key(), look.single));
    losses.map(|tracked| tracked.first_seen).min().unwrap_or(look.since).min(look.started)
}

/// Whether `key` is that of a lost Target.
pub(super) fn is_loss_key(key: &crate::api::FindingKey) -> bool {
    *key == loss_key()
}
