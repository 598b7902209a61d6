//! Why nobody is called for a matter: parents.

use jiff::{SignedDuration, Timestamp};

use super::demand::Demand;
use super::matter::{Matter, Suppression, SuppressionReason};
use super::standing::Standings;
use super::world::TargetKey;

/// A parent that was looked at so little before its child was looked at in the same round: one pass starts its runs one after the
/// other.
pub(super) const SAME_ROUND: SignedDuration = SignedDuration::from_secs(15);

/// What holds a call back, and how that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What holds it back.
    pub suppression: Suppression,
    /// When it ends at the latest; `None` when it ends with what it names.
    pub ends: Option<Timestamp>,
    /// When to decide again at the latest although nothing new is seen; `None` when only new runs can change it.
    pub again: Option<Timestamp>,
}

impl Held {
    /// What ends with what it names.
    pub(super) fn by(reason: SuppressionReason, name: &str) -> Self {
        let suppression = Suppression { reason, by: name.to_owned(), until: None };
        Self { suppression, ends: None, again: None }
    }

    /// That, for no longer than until `ends`.
    pub(super) fn until(self, ends: Timestamp) -> Self {
        Self { ends: Some(ends), again: Some(ends), ..self }
    }
}

/// What a parent explains of a demand; `known` is the open matter of before. Of a Target that answers it explains nothing: whatever is
/// wrong with the parent, the way is open.
pub(super) fn by_parent(demand: &Demand, known: Option<&Matter>, standings: &Standings<'_>, now: Timestamp) -> Option<Held> {
    if standings.answers(&demand.target) {
        return None;
    }
    let on_the_way = standings.on_the_way(&demand.target);
    let lost = on_the_way.iter().find_map(|key| Some((key, standings.get(key).filter(|standing| standing.lost.is_some())?)));
    if let Some(((_, name), standing)) = lost {
        let held = Held::by(SuppressionReason::ParentUnreachable, name.as_str());
        // Until then the loss counts without another look; whoever looks again sets that anew, so nothing ends by it.
        return Some(Held { again: Some(standing.until), ..held });
    }
    was_lost(demand, known, standings, now).or_else(|| awaited(demand, &on_the_way, standings, now))
}

/// A parent is back: the Target is looked at once more before anybody is called.
fn was_lost(demand: &Demand, known: Option<&Matter>, standings: &Standings<'_>, now: Timestamp) -> Option<Held> {
    let before = held(known, SuppressionReason::ParentUnreachable)?;
    let ancestors = standings.ancestors(&demand.target);
    let (key, standing) =
        ancestors.iter().filter(|(_, name)| name.as_str() == before.by).find_map(|key| Some((key, standings.get(key)?)))?;
    let until = waits(demand, standing.since, now)?;
    Some(Held::by(SuppressionReason::ParentUnreachable, key.1.as_str()).until(until))
}

/// The Target is lost, and a parent was last looked at before that: whether it is the cause is known after its next run. A parent that
/// is looked at less often than the Target is awaited no longer than the next look at the Target takes.
fn awaited(demand: &Demand, ancestors: &[TargetKey], standings: &Standings<'_>, now: Timestamp) -> Option<Held> {
    if !demand.is_loss() {
        return None;
    }
    ancestors.iter().find_map(|key| {
        let standing = standings.get(key)?;
        let until = demand.began.checked_add(standing.turn.min(demand.turn)).ok()?;
        let looked = standing.looked.checked_add(SAME_ROUND).unwrap_or(standing.looked);
        let waits = looked < demand.began && now < until;
        waits.then(|| Held::by(SuppressionReason::AwaitingParent, key.1.as_str()).until(until))
    })
}

/// Until when a demand that was last looked at before `since` waits for its next look; `None` when it does not.
pub(super) fn waits(demand: &Demand, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let until = since.checked_add(demand.turn).ok()?;
    (demand.looked < since && now < until).then_some(until)
}

/// The suppression that was in force for that reason.
pub(super) fn held(known: Option<&Matter>, reason: SuppressionReason) -> Option<&Suppression> {
    known?.suppressed.as_ref().filter(|suppressed| suppressed.reason == reason)
}
