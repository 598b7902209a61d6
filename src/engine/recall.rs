//! Escalations that are over, as far as a decision about open ones needs them: there may be as many as there ever were.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Engine;
use crate::api::EscalationId;
use crate::reaction::escalation::{Decision, EscalationChange, Matter, SuppressionReason};
use crate::status::EscalationState;
use crate::store::StoreError;

/// Escalations by their ids: what is open, and some of what is over.
pub(super) type Known = BTreeMap<EscalationId, EscalationState>;

/// What a recall came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recalled {
    /// Whether there is anything that was not known.
    pub(super) found: bool,
    /// Whether something is open by now that was not: what is known is of different times, and decides nothing.
    pub(super) has_moved: bool,
}

/// Adds to `known` what `wanted` names of it, until that names nothing more.
///
/// # Errors
/// The store's.
pub(super) async fn recall(
    engine: &Engine,
    known: &mut Known,
    wanted: impl Fn(&Known) -> BTreeSet<EscalationId>,
) -> Result<Recalled, Arc<StoreError>> {
    let mut recalled = Recalled { found: false, has_moved: false };
    let mut asked = BTreeSet::new();
    loop {
        let ids: BTreeSet<EscalationId> =
            wanted(known).into_iter().filter(|id| !known.contains_key(id) && asked.insert(id.clone())).collect();
        if ids.is_empty() {
            return Ok(recalled);
        }
        let mut found = engine.store.ask(move |db| db.escalations_named(&ids)).await?;
        recalled.found |= !found.is_empty();
        recalled.has_moved |= found.values().any(EscalationState::is_open);
        known.append(&mut found);
    }
}

/// What those that are known refer to: the group that stands or stood for one, and those that a group stood for.
pub(super) fn referred(known: &Known) -> BTreeSet<EscalationId> {
    let mut ids = BTreeSet::new();
    for (id, matter) in known.iter().filter_map(|(id, state)| Some((id, state.matter.as_ref()?))) {
        if matter.suppressed.as_ref().is_some_and(|suppressed| suppressed.reason == SuppressionReason::PartOfGroup) {
            ids.insert(EscalationId::of_group(&id.namespace, &matter.key));
        }
        ids.extend(members(id, matter));
    }
    ids
}

fn members<'m>(group: &'m EscalationId, matter: &'m Matter) -> impl Iterator<Item = EscalationId> + 'm {
    let names = matter.members.iter().flat_map(|members| &members.names);
    names.map(|name| EscalationId { namespace: group.namespace.clone(), name: name.clone() })
}

/// What `decision` takes for new.
pub(super) fn claimed(decision: &Decision) -> BTreeSet<EscalationId> {
    let new = decision.changes.iter().filter(|change| change.change == EscalationChange::Opened);
    new.map(|change| change.id.clone()).collect()
}
