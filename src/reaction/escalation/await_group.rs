//! Why nobody is called yet for a lost Target: it may be one of many.
//!
//! When the network of this machine goes, Targets are found lost one after the other, as their runs come. The first of them look like
//! single outages. So a call for a lost Target waits a moment, and longer as long as most of what is looked at is lost as well.

use jiff::{SignedDuration, Timestamp};

use super::demand::Demand;
use super::group::LOST_MIN;
use super::matter::{Matter, Suppression, SuppressionReason};
use super::standing::Standings;
use super::suppress::{Held, held};
use crate::api::{EscalationId, SubdomainName};

/// Shortest time for which the call for a lost Target is held back where a mass failure is possible: what was under way when
/// the network went ends within it.
pub const HOLD_MIN: SignedDuration = SignedDuration::from_secs(30);
/// Longest time; never longer than until the Target itself has been looked at again.
pub const HOLD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What a mass failure that may come explains of a demand for which neither parent nor group stands; `known` is its matter of before.
/// Whoever is called already stays called.
pub(super) fn may_be_many(
    demand: &Demand,
    known: Option<&Matter>,
    standings: &Standings<'_>,
    (holds, now): (bool, Timestamp),
) -> Option<Held> {
    if !demand.is_loss() {
        return None;
    }
    let longest = demand.turn.clamp(HOLD_MIN, HOLD_MAX);
    let open = known.filter(|matter| matter.is_open());
    let until = match held(open, SuppressionReason::AwaitingGroup) {
        Some(before) => before.until?,
        None if holds && open.is_none() => now.checked_add(longest).ok()?,
        None => return None,
    };
    let left = until.duration_since(now);
    // One that ends later than any does was made before the clock stepped back.
    if !left.is_positive() || left > HOLD_MAX {
        return None;
    }
    let around = Around::of(demand, standings);
    if around.possible < LOST_MIN {
        return None;
    }
    let least = until.checked_sub(longest.saturating_sub(HOLD_MIN)).ok().filter(|least| *least > now);
    if least.is_none() && around.lost * 2 < around.looked {
        return None;
    }
    let (namespace, _) = &demand.target;
    let by = EscalationId::of_group(namespace, &demand.key).name;
    let suppression = Suppression { reason: SuppressionReason::AwaitingGroup, by: by.to_string(), until: Some(until) };
    Some(Held { suppression, ends: Some(until), again: Some(least.unwrap_or(until)) })
}

/// The Targets of the namespace, as seen since one of them began to give no answer. Those whose parent explains it, and those that
/// were lost before, do not count.
struct Around {
    /// Those that could be lost together with it.
    possible: usize,
    /// Those that were looked at since.
    looked: usize,
    /// Those that were lost since.
    lost: usize,
}

impl Around {
    fn of(demand: &Demand, standings: &Standings<'_>) -> Self {
        let mut around = Self { possible: 0, looked: 0, lost: 0 };
        let is_lost = |(namespace, name): &(crate::api::Namespace, SubdomainName)| {
            let key = (namespace.clone(), name.clone());
            standings.get(&key).is_some_and(|standing| standing.lost.is_some())
        };
        for (key, standing) in standings.of_namespace(&demand.target.0) {
            let since = standing.lost.is_some_and(|lost| lost >= demand.began);
            if standing.lost.is_some() && (!since || standings.ancestors(key).iter().any(is_lost)) {
                continue;
            }
            around.possible += 1;
            around.looked += usize::from(standing.looked >= demand.began);
            around.lost += usize::from(since);
        }
        around
    }
}
